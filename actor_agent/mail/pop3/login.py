"""Proving the account: SASL PLAIN (RFC 4616, RFC 5034) if offered, else USER and PASS; or NTLM, or XOAUTH2."""

import base64
import re

from actor_agent.mail.pop3.replies import Reply
from actor_agent.mail.pop3.session import Session
from mail_transport.auth_failures import auth_failure
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.limits import LOGIN_SECONDS
from mail_transport.ntlm import Respond, masked, ntlm
from mail_transport.xoauth2 import MailLogin, TokenLogin, Xoauth2
from wire_contract.base import JsonValue
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, Encryption, MailServer, PasswordCredentials

IN_USE = "IN-USE"
# Gmail shows each message to the first client that comes for it; by this prefix of the name everyone sees
# those of the last 30 days (https://support.google.com/mail/answer/7104828).
_RECENT_MODE = "recent:"
_RECENT_MODE_HOSTS = {"pop.gmail.com", "pop.googlemail.com"}
_UNSENDABLE = re.compile(r"[\0-\x1f\x7f]")
# The codes of POP3 (RFC 2449, RFC 3206) in the words of RFC 5530, which speaks of the same refusals.
_BY_CODE = {"AUTH": "AUTHENTICATIONFAILED", "SYS/TEMP": "UNAVAILABLE"}


async def log_in(session: Session, server: MailServer, login: MailLogin, journal: Journal) -> Reply:
    """Log in with the step ``authenticate`` and return the last reply.

    It is a refusal only where it says ``[IN-USE]``: the login was right then, and it is the mailbox
    that can't be opened (RFC 2449 section 8.1.2).

    Raises:
        MailFailure: ``auth_*``, ``mailbox_*``, and those of a command.
    """
    with journal.step(StepName.AUTHENTICATE) as step:
        step.detail["username"] = login.username
        step.detail["mechanism"] = mechanism = _mechanism(session, server)
        if server.encryption is Encryption.NONE:
            journal.warn(FailureCode.AUTH_WITHOUT_ENCRYPTION)
        if isinstance(login, TokenLogin):
            step.detail["token"] = {**login.issued}
            reply = await _by_token(session, login, journal)
        else:
            account = in_recent_mode(server.host, login)
            step.detail["username"] = account.username
            reply = await _by_password(session, mechanism, account, journal)
            if _is_refused(reply):
                raise _refusal(reply, server.host)
        step.server_reply = reply.text
        return reply


def in_recent_mode(host: str, account: PasswordCredentials) -> PasswordCredentials:
    """Return the account by the name that asks the server to hide no message, where that is a choice."""
    if host.lower().rstrip(".") not in _RECENT_MODE_HOSTS or account.username.startswith(_RECENT_MODE):
        return account
    return account.model_copy(update={"username": _RECENT_MODE + account.username})


def _mechanism(session: Session, server: MailServer) -> str:
    sasl, wanted = session.capabilities.get("SASL", ()), server.authentication
    if wanted is Authentication.PLAIN:
        if "PLAIN" in sasl:
            return "PLAIN"
        if not session.capabilities or "USER" in session.capabilities:
            return "USER"
    elif wanted is not None and wanted.upper() in sasl:
        return wanted.upper()
    raise _not_offered(session)


def _is_refused(reply: Reply) -> bool:
    return not reply.is_ok and reply.code != IN_USE


async def _by_token(session: Session, login: TokenLogin, journal: Journal) -> Reply:
    exchange = Xoauth2(login)
    reply = await _sasl(session, "XOAUTH2", masked(exchange, journal))
    if _is_refused(reply):
        raise exchange.judged(_refusal(reply))
    return reply


async def _by_password(
    session: Session, mechanism: str, account: PasswordCredentials, journal: Journal
) -> Reply:
    username, password = account.username, account.password.get_secret_value()
    message = f"\0{username}\0{password}"
    journal.mask(password, message)
    if mechanism == "NTLM":
        return await _sasl(session, mechanism, masked(ntlm(username, password), journal))
    if _UNSENDABLE.search(username + password):
        error = "a control character in user name or password, which POP3 can't carry"
        raise MailFailure(FailureCode.AUTH_INVALID_CREDENTIALS, detail={"error": error})
    if mechanism == "USER":
        return await _user_and_pass(session, username, password)
    return await _sasl(session, mechanism, _once(message.encode()))


def _once(message: bytes) -> Respond:
    answers = iter((message,))

    def respond(challenge: bytes) -> bytes:
        answer = next(answers, None)
        if answer is None:
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION, challenge)
        return answer

    return respond


async def _user_and_pass(session: Session, username: str, password: str) -> Reply:
    named = await session.command(b"USER " + username.encode())
    if not named.is_ok:
        return named
    return await session.command(b"PASS " + password.encode(), seconds=LOGIN_SECONDS)


async def _sasl(session: Session, mechanism: str, respond: Respond) -> Reply:
    # Without an initial response: RFC 1734 has none, and with one the line may get too long for a server.
    reply = await session.command(b"AUTH " + mechanism.encode("ascii"), seconds=LOGIN_SECONDS)
    if reply.is_ok:
        raise MailFailure(FailureCode.PROTOCOL_VIOLATION, reply.line)
    while reply.asks_for_more:  # as often as there is something to say: past that, respond raises
        answer = base64.b64encode(respond(_challenge(reply)))
        reply = await session.answer(answer, seconds=LOGIN_SECONDS)
    return reply


def _challenge(reply: Reply) -> bytes:
    try:
        return base64.b64decode(reply.text.strip(), validate=True)
    except ValueError:
        return b""  # some servers put a text for people where an empty challenge belongs


def _refusal(reply: Reply, host: str = "") -> MailFailure:
    if not reply.is_refusal:
        return MailFailure(FailureCode.PROTOCOL_VIOLATION, reply.line)
    if (
        reply.code == "LOGIN-DELAY"
    ):  # someone read this mailbox just now, and it is too early to read it again
        return MailFailure(FailureCode.MAILBOX_IN_USE, reply.text)
    known = _BY_CODE.get(reply.code or "")
    failure = auth_failure((known, b"") if known else None, reply.text, host)
    if reply.code == "SYS/PERM" and failure.code is not FailureCode.AUTH_PROTOCOL_DISABLED:
        return MailFailure(FailureCode.MAILBOX_UNAVAILABLE, reply.text)
    return failure


def _not_offered(session: Session) -> MailFailure:
    mechanisms = session.capabilities.get("SASL", ())
    offered: list[JsonValue] = [*mechanisms, *(name for name in ("USER",) if name in session.capabilities)]
    return MailFailure(FailureCode.AUTH_MECHANISM_NOT_OFFERED, detail={"offered": offered})
