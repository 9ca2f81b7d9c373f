"""Handing one message to the Director's own mail server, by what tests the outgoing servers of mailboxes."""

import asyncio
from contextlib import suppress
from email.message import EmailMessage

from pydantic import SecretStr

from director_api.mail_settings.schemas import SmtpAuthentication, SmtpMailRead
from director_api.outbox.failures import SendFailed
from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.limits import CLOSE_SECONDS
from mail_transport.smtp.login import log_in
from mail_transport.smtp.opening import Opening
from mail_transport.smtp.replies import Reply
from mail_transport.smtp.sending import NotTaken, hand_over
from mail_transport.smtp.session import Session
from wire_contract.cleaning import clean_reply
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import MailServer, PasswordCredentials, TlsPolicy

_SECONDS = 80.0
"""All of it: shorter than the outbox keeps a message from its other senders."""
# An administrator names this server, and it may well be on the Director's own machine.
_ANYWHERE = EgressPolicy.everywhere()
_SEND_AS_DENIED = {"5.7.60", "5.2.252"}
"""Exchange's ("Email non-delivery reports in Exchange Online", learn.microsoft.com/exchange)."""
_MECHANISMS = {
    SmtpAuthentication.PLAIN: "PLAIN",
    SmtpAuthentication.LOGIN: "LOGIN",
    SmtpAuthentication.CRAM_MD5: "CRAM-MD5",
    SmtpAuthentication.NTLM: "NTLM",
}


async def send(settings: SmtpMailRead, password: SecretStr | None, message: EmailMessage) -> str:
    """Hand ``message`` over and return the server's last reply, which often names its queue id.

    Raises:
        SendFailed: it was not taken.
    """
    secrets = [password.get_secret_value()] if password else []
    try:
        async with asyncio.timeout(_SECONDS):
            reply = await _send(settings, password, message)
    except NotTaken as refusal:
        said = clean_reply(refusal.reply.said, secrets)
        if refusal.reply.enhanced in _SEND_AS_DENIED:
            raise SendFailed(FailureCode.SEND_AS_DENIED, said, permanent=True) from None
        raise _by_reply(refusal.reply.code, said) from None
    except MailFailure as failure:
        raise _failed(failure, secrets) from None
    except TimeoutError:
        raise SendFailed(FailureCode.SEND_DEFERRED, "", permanent=False) from None
    # The code itself is implied by success; what follows it is what people look for.
    return clean_reply(b" ".join(reply.texts), secrets)


async def _send(settings: SmtpMailRead, password: SecretStr | None, message: EmailMessage) -> Reply:
    journal = Journal()
    server = MailServer(
        host=settings.host, port=settings.port or 25, encryption=settings.encryption, authentication=None
    )
    tls = TlsPolicy.model_validate(settings.tls.model_dump())
    session = await Opening(server, tls, _ANYWHERE, journal).open()
    try:
        await _log_in(session, server, settings, password, journal)
        reply = await hand_over(session, settings.from_address, message["To"], message)
        with suppress(MailFailure):  # the message is taken, whatever the goodbye comes to
            await session.command(b"QUIT", CLOSE_SECONDS)
        return reply
    finally:
        session.channel.abort()


async def _log_in(
    session: Session, server: MailServer, settings: SmtpMailRead, password: SecretStr | None, journal: Journal
) -> None:
    if settings.authentication is None:
        return
    if settings.username is None or password is None:
        raise MailFailure(
            FailureCode.AUTH_INVALID_CREDENTIALS, "The settings hold no password to log in with"
        )
    credentials = PasswordCredentials(username=settings.username, password=password)
    await log_in(session, server, credentials, journal, (_MECHANISMS[settings.authentication],))


def _failed(failure: MailFailure, secrets: list[str]) -> SendFailed:
    presented = failure.detail.get("presented_sha256")
    shown = f"the certificate's SHA-256 is {presented}" if presented else failure.code.value
    reply = clean_reply(failure.server_reply or shown, secrets)
    if failure.code.value.startswith("tls_"):
        return SendFailed(FailureCode.SEND_TLS_FAILED, reply, permanent=True)
    if failure.code is FailureCode.AUTH_TEMPORARILY_UNAVAILABLE:
        return SendFailed(FailureCode.SEND_DEFERRED, reply, permanent=False)
    if failure.code.value.startswith("auth_"):
        return SendFailed(FailureCode.SEND_AUTH_FAILED, reply, permanent=True)
    refused = failure.code is FailureCode.GREETING_REFUSED and reply.startswith("5")
    return _by_reply(500 if refused else 400, reply)


def _by_reply(code: int, reply: str) -> SendFailed:
    """Class a refusal by its first digit (RFC 5321 section 4.2.1)."""
    if code >= 500:
        return SendFailed(FailureCode.SEND_REJECTED, reply, permanent=True)
    return SendFailed(FailureCode.SEND_DEFERRED, reply, permanent=False)
