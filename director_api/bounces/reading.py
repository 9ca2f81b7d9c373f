"""Reading the mailbox that undeliverable mail comes back to: only reports, and without marking any as read."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from director_api.mail_settings.bounces import BounceMailbox
from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.imap.fetching import header_of, uid_of
from mail_transport.imap.login import log_in
from mail_transport.imap.opening import Opening
from mail_transport.imap.responses import Response
from mail_transport.imap.session import Session
from mail_transport.journal import Journal
from mail_transport.limits import CLOSE_SECONDS, SESSION_SECONDS, SLOW_REPLY_SECONDS
from wire_contract.failure_codes import FailureCode

_NEWEST = 50
_MAX_REPORT = 128 * 1024
"""Bytes of a report that are read; the notice stands ahead of the message that it quotes."""
_ANYWHERE = EgressPolicy.everywhere()  # an admin chose the server, as that for sending


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a mailbox was read. UIDs begin anew with another UIDVALIDITY (RFC 3501 section 2.3.1.1)."""

    validity: int | None = None
    next_uid: int = 1


async def read_reports(mailbox: BounceMailbox, seen: Seen) -> tuple[list[bytes], Seen]:
    """Return the delivery reports that came since ``seen``, and how far that is.

    Of a mailbox that was never read the newest 50 messages are looked at.

    Raises:
        MailFailure: the mailbox could not be read.
    """
    try:
        async with asyncio.timeout(SESSION_SECONDS):
            return await _read(mailbox, seen)
    except TimeoutError:
        raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None


async def _read(mailbox: BounceMailbox, seen: Seen) -> tuple[list[bytes], Seen]:
    journal = Journal()
    session = await Opening(mailbox.server, mailbox.tls, _ANYWHERE, journal).open()
    try:
        await log_in(session, mailbox.server, mailbox.credentials, journal)
        uids, seen = await _new_reports(session, seen)
        reports = [await _whole(session, uid) for uid in uids]
        with suppress(MailFailure):
            await session.command(b"LOGOUT", seconds=CLOSE_SECONDS)
        return reports, seen
    finally:
        session.channel.abort()


async def _new_reports(session: Session, seen: Seen) -> tuple[list[int], Seen]:
    reply = await session.command(b"EXAMINE INBOX", seconds=SLOW_REPLY_SECONDS)
    if not reply.is_ok:
        raise MailFailure(FailureCode.MAILBOX_UNAVAILABLE, reply.tagged.text)
    validity = reply.number("UIDVALIDITY")
    if validity != seen.validity:
        seen = Seen(validity)
    exists = next((count for each in reply.untagged if (count := each.numbered(b"EXISTS")) is not None), 0)
    return await _reports_from(session, seen, exists) if exists else ([], seen)


async def _reports_from(session: Session, seen: Seen, exists: int) -> tuple[list[int], Seen]:
    found: list[int] = []
    first = last = seen.next_uid

    def take(response: Response) -> None:
        nonlocal last
        uid = uid_of(response)
        if uid is None or uid < first:  # a range up to * always holds the last message too
            return
        last = max(last, uid + 1)
        if b"multipart/report" in header_of(response).lower():
            found.append(uid)

    where = b"FETCH %d:*" % max(1, exists - _NEWEST + 1) if first == 1 else b"UID FETCH %d:*" % first
    what = b" (UID BODY.PEEK[HEADER.FIELDS (CONTENT-TYPE)]<0.1024>)"
    await session.command(where + what, take=take, seconds=SLOW_REPLY_SECONDS)
    return found[-_NEWEST:], Seen(seen.validity, last)


async def _whole(session: Session, uid: int) -> bytes:
    read: list[bytes] = []
    command = b"UID FETCH %d (UID BODY.PEEK[]<0.%d>)" % (uid, _MAX_REPORT)
    await session.command(command, take=lambda each: read.append(header_of(each)), seconds=SLOW_REPLY_SECONDS)
    return max(read, key=len, default=b"")
