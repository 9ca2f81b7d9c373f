"""Waiting for a message without asking again and again (IDLE, RFC 2177)."""

import asyncio

from mail_transport.failures import MailFailure
from mail_transport.imap.responses import Response
from mail_transport.imap.session import Session
from mail_transport.limits import MAX_REPLY_LINES, REPLY_SECONDS
from wire_contract.failure_codes import FailureCode


async def idle(session: Session, seconds: float) -> bool:
    """Return when the open folder changes, after ``seconds`` at the latest.

    False if the server won't, and has not told of a change either. Raises MailFailure.
    """
    tag = session.start(b"IDLE")
    agreed, changed = await _agreed(session, tag)
    if not agreed:
        return changed
    if changed or not await _ended(session, tag, seconds):
        session.channel.write(b"DONE\r\n")
        await session.finish(tag)
    return True


async def _agreed(session: Session, tag: bytes) -> tuple[bool, bool]:
    """Return whether the server agrees, and whether it told of mail ahead of that.

    It may tell of it during any command (RFC 3501 section 7.3.1), and does so but once.
    """
    changed = False
    try:
        async with asyncio.timeout(REPLY_SECONDS):
            for _ in range(MAX_REPLY_LINES):
                response = await session.read()
                if response.tag in {b"+", tag}:
                    return response.tag == b"+", changed
                changed = changed or _tells_of_mail(response)
    except TimeoutError:
        raise MailFailure(FailureCode.REPLY_TIMED_OUT, detail={"command": "IDLE"}) from None
    raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED)


async def _ended(session: Session, tag: bytes, seconds: float) -> bool:
    """Wait until there is a reason to look; return whether the server ended IDLE by itself."""
    try:
        async with asyncio.timeout(seconds):
            return await _news(session, tag)
    except TimeoutError:
        return False  # as good a reason as any: IDLE is known to stay silent on some servers


async def _news(session: Session, tag: bytes) -> bool:
    """Return when there is something new; whether the server ended IDLE by itself."""
    for _ in range(MAX_REPLY_LINES):
        response = await session.read()
        if response.tag == tag:
            return True
        if _tells_of_mail(response):
            return False
    raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED)


def _tells_of_mail(response: Response) -> bool:
    return response.numbered(b"EXISTS") is not None or response.numbered(b"RECENT") is not None
