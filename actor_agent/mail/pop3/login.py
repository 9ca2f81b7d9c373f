"""Proving the account: SASL PLAIN (RFC 4616, RFC 5034) where it is offered, else USER and PASS."""

import base64
import re
from collections.abc import Awaitable, Callable

from actor_agent.mail.pop3.replies import Reply
from actor_agent.mail.pop3.session import Session
from mail_transport.auth_failures import auth_failure
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal, OpenStep
from wire_contract.base import JsonValue
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, Credentials, Encryption, MailServer

Mechanism = Callable[[Session, str, str], Awaitable[Reply]]

IN_USE = "IN-USE"
_UNSENDABLE = re.compile(r"[\0-\x1f\x7f]")
# The codes of POP3 (RFC 2449, RFC 3206) in the words of RFC 5530, which speaks of the same refusals.
_BY_CODE = {"AUTH": "AUTHENTICATIONFAILED", "SYS/TEMP": "UNAVAILABLE"}


async def log_in(session: Session, server: MailServer, credentials: Credentials, journal: Journal) -> Reply:
    """Log in with the step ``authenticate`` and return the last reply.

    It is a refusal only where it says ``[IN-USE]``: the login was right then, and it is the mailbox
    that can't be opened (RFC 2449 section 8.1.2).

    Raises:
        MailFailure: ``auth_*``, ``mailbox_*``, and those of a command.
    """
    username, password = credentials.username, credentials.password.get_secret_value()
    journal.mask(password, f"\0{username}\0{password}")
    with journal.step(StepName.AUTHENTICATE) as step:
        step.detail["username"] = username
        if server.authentication is not Authentication.PLAIN:
            raise _not_offered(session)
        if _UNSENDABLE.search(username + password):
            error = "a control character in user name or password, which POP3 can't carry"
            raise MailFailure(FailureCode.AUTH_INVALID_CREDENTIALS, detail={"error": error})
        send = _mechanism(session, step)
        if server.encryption is Encryption.NONE:
            journal.warn(FailureCode.AUTH_WITHOUT_ENCRYPTION)
        reply = await send(session, username, password)
        step.server_reply = reply.text
        if not reply.is_ok and reply.code != IN_USE:
            raise _refusal(reply)
        return reply


def _mechanism(session: Session, step: OpenStep) -> Mechanism:
    if "PLAIN" in session.capabilities.get("SASL", ()):
        step.detail["mechanism"] = "PLAIN"
        return _sasl_plain
    if session.capabilities and "USER" not in session.capabilities:
        raise _not_offered(session)
    step.detail["mechanism"] = "USER"
    return _user_and_pass


async def _user_and_pass(session: Session, username: str, password: str) -> Reply:
    named = await session.command(b"USER " + username.encode())
    if not named.is_ok:
        return named
    return await session.command(b"PASS " + password.encode())


async def _sasl_plain(session: Session, username: str, password: str) -> Reply:
    # Without an initial response: RFC 1734 has none, and with one the line may get too long for a server.
    challenge = await session.command(b"AUTH PLAIN")
    if challenge.is_ok:
        raise MailFailure(FailureCode.PROTOCOL_VIOLATION, challenge.line)
    if not challenge.asks_for_more:
        return challenge
    return await session.answer(base64.b64encode(f"\0{username}\0{password}".encode()))


def _refusal(reply: Reply) -> MailFailure:
    if not reply.is_refusal:
        return MailFailure(FailureCode.PROTOCOL_VIOLATION, reply.line)
    if (
        reply.code == "LOGIN-DELAY"
    ):  # someone read this mailbox just now, and it is too early to read it again
        return MailFailure(FailureCode.MAILBOX_IN_USE, reply.text)
    if reply.code == "SYS/PERM":
        return MailFailure(FailureCode.MAILBOX_UNAVAILABLE, reply.text)
    known = _BY_CODE.get(reply.code or "")
    return auth_failure((known, b"") if known else None, reply.text)


def _not_offered(session: Session) -> MailFailure:
    mechanisms = session.capabilities.get("SASL", ())
    offered: list[JsonValue] = [*mechanisms, *(name for name in ("USER",) if name in session.capabilities)]
    return MailFailure(FailureCode.AUTH_MECHANISM_NOT_OFFERED, detail={"offered": offered})
