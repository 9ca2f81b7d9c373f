"""Proving the account: SASL PLAIN (RFC 4616) where it is offered, else LOGIN; or NTLM, or XOAUTH2."""

import base64

from mail_transport.auth_failures import auth_failure
from mail_transport.failures import MailFailure
from mail_transport.imap.responses import Reply
from mail_transport.imap.session import Session
from mail_transport.imap.strings import with_strings
from mail_transport.journal import Journal
from mail_transport.limits import LOGIN_SECONDS
from mail_transport.ntlm import Respond, masked, ntlm
from mail_transport.xoauth2 import MailLogin, TokenLogin, Xoauth2
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, Encryption, MailServer, PasswordCredentials


async def log_in(session: Session, server: MailServer, login: MailLogin, journal: Journal) -> None:
    """Log in with the step ``authenticate``. Raises MailFailure ``auth_*`` among others."""
    with journal.step(StepName.AUTHENTICATE) as step:
        step.detail["username"] = login.username
        step.detail["mechanism"] = mechanism = _mechanism(session, server)
        if server.encryption is Encryption.NONE:
            journal.warn(FailureCode.AUTH_WITHOUT_ENCRYPTION)
        if isinstance(login, TokenLogin):
            step.detail["token"] = {**login.issued}
            reply = await _by_token(session, login, journal)
        else:
            reply = await _by_password(session, mechanism, login, journal)
            if not reply.is_ok:
                raise _refusal(reply, server.host)
        step.server_reply = reply.tagged.text
    with journal.step(StepName.CAPABILITIES, quiet=True):
        await session.ask_capabilities()


def _mechanism(session: Session, server: MailServer) -> str:
    wanted = server.authentication
    if wanted is Authentication.PLAIN:
        if "AUTH=PLAIN" in session.capabilities:
            return "PLAIN"
        if "LOGINDISABLED" not in session.capabilities:
            return "LOGIN"
    elif wanted is not None and f"AUTH={wanted.upper()}" in session.capabilities:
        return wanted.upper()
    offered = sorted(name for name in session.capabilities if name.startswith(("AUTH=", "LOGINDISABLED")))
    raise MailFailure(FailureCode.AUTH_MECHANISM_NOT_OFFERED, detail={"offered": [*offered]})


async def _by_token(session: Session, login: TokenLogin, journal: Journal) -> Reply:
    exchange = Xoauth2(login)
    reply = await authenticate(session, "XOAUTH2", masked(exchange, journal), first=True)
    if not reply.is_ok:
        raise exchange.judged(_refusal(reply))
    return reply


async def _by_password(
    session: Session, mechanism: str, account: PasswordCredentials, journal: Journal
) -> Reply:
    username, password = account.username, account.password.get_secret_value()
    message = f"\0{username}\0{password}"
    journal.mask(password, message)
    if mechanism == "NTLM":
        return await authenticate(session, mechanism, masked(ntlm(username, password), journal), first=True)
    if mechanism == "LOGIN":
        return await session.command(*with_strings(b"LOGIN", username, password), seconds=LOGIN_SECONDS)
    return await authenticate(session, mechanism, lambda _: message.encode(), first=True)


async def authenticate(session: Session, mechanism: str, respond: Respond, *, first: bool) -> Reply:
    """Run the exchange of a SASL mechanism (RFC 3501 section 6.2.2); ``first``: the client speaks first."""
    command = b"AUTHENTICATE " + mechanism.encode("ascii")
    if first and "SASL-IR" in session.capabilities:  # RFC 4959
        command += b" " + (base64.b64encode(respond(b"")) or b"=")

    def answer(challenge: bytes) -> bytes:
        try:
            decoded = base64.b64decode(challenge.strip(), validate=True)
        except ValueError:
            decoded = b""  # some servers put a text for people where an empty challenge belongs
        return base64.b64encode(respond(decoded)) + b"\r\n"

    return await session.command(command, continues=answer, seconds=LOGIN_SECONDS)


def _refusal(reply: Reply, host: str = "") -> MailFailure:
    code, said = reply.tagged.code, _said(reply)
    if reply.tagged.status == b"NO":
        return auth_failure(code, said, host)
    # BAD is about the command (RFC 3501 section 7.1.3): without further words, no password was judged.
    failure = auth_failure(code, said)
    named = code is not None and code[0] == "AUTHENTICATIONFAILED"
    if failure.code is FailureCode.AUTH_INVALID_CREDENTIALS and not named:
        return MailFailure(FailureCode.PROTOCOL_VIOLATION, said)
    return failure


def _said(reply: Reply) -> bytes:
    """An alert must be shown to people (RFC 3501 section 7.1), so it goes with the refusal."""
    alerts = [each.text for each in reply.untagged if each.code and each.code[0] == "ALERT"]
    return b" ".join([reply.tagged.text, *alerts])
