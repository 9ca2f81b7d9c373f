"""Proving the account: SASL PLAIN (RFC 4616, RFC 5034) where it is offered, else USER and PASS; or NTLM."""

import base64
import re

from actor_agent.mail.pop3.replies import Reply
from actor_agent.mail.pop3.session import Session
from mail_transport.auth_failures import auth_failure
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.ntlm import Respond, masked, ntlm
from wire_contract.base import JsonValue
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, Encryption, MailServer, PasswordCredentials

IN_USE = "IN-USE"
_UNSENDABLE = re.compile(r"[\0-\x1f\x7f]")
# The codes of POP3 (RFC 2449, RFC 3206) in the words of RFC 5530, which speaks of the same refusals.
_BY_CODE = {"AUTH": "AUTHENTICATIONFAILED", "SYS/TEMP": "UNAVAILABLE"}


async def log_in(
    session: Session, server: MailServer, credentials: PasswordCredentials, journal: Journal
) -> Reply:
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
        step.detail["mechanism"] = mechanism = _mechanism(session, server)
        if mechanism != "NTLM" and _UNSENDABLE.search(username + password):
            error = "a control character in user name or password, which POP3 can't carry"
            raise MailFailure(FailureCode.AUTH_INVALID_CREDENTIALS, detail={"error": error})
        if server.encryption is Encryption.NONE:
            journal.warn(FailureCode.AUTH_WITHOUT_ENCRYPTION)
        reply = await _exchange(session, mechanism, credentials, journal)
        step.server_reply = reply.text
        if not reply.is_ok and reply.code != IN_USE:
            raise _refusal(reply)
        return reply


def _mechanism(session: Session, server: MailServer) -> str:
    sasl = session.capabilities.get("SASL", ())
    if server.authentication is Authentication.PLAIN:
        if "PLAIN" in sasl:
            return "PLAIN"
        if not session.capabilities or "USER" in session.capabilities:
            return "USER"
    if server.authentication is Authentication.NTLM and "NTLM" in sasl:
        return "NTLM"
    raise _not_offered(session)


async def _exchange(
    session: Session, mechanism: str, credentials: PasswordCredentials, journal: Journal
) -> Reply:
    username, password = credentials.username, credentials.password.get_secret_value()
    if mechanism == "NTLM":
        return await _sasl_ntlm(session, masked(ntlm(username, password), journal))
    send = _sasl_plain if mechanism == "PLAIN" else _user_and_pass
    return await send(session, username, password)


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


async def _sasl_ntlm(session: Session, respond: Respond) -> Reply:
    reply = await session.command(b"AUTH NTLM")
    if reply.is_ok:
        raise MailFailure(FailureCode.PROTOCOL_VIOLATION, reply.line)
    while reply.asks_for_more:  # as often as there is something to say: past that, respond raises
        reply = await session.answer(base64.b64encode(respond(_challenge(reply))))
    return reply


def _challenge(reply: Reply) -> bytes:
    try:
        return base64.b64decode(reply.text.strip(), validate=True)
    except ValueError:
        return b""  # some servers put a text for people where an empty challenge belongs


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
