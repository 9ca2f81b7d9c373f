"""Handing one message to the Director's own mail server (RFC 5321)."""

import base64
import hashlib
import hmac
import ssl
from email.message import EmailMessage

import aiosmtplib

from director_api.fields import Encryption, Tls
from director_api.mail_settings.schemas import SmtpAuthentication
from director_api.mail_settings.service import OutgoingMail
from mail_transport.failures import MailFailure
from mail_transport.ntlm import ntlm
from wire_contract.cleaning import clean_reply
from wire_contract.failure_codes import FailureCode

_SECONDS = 20.0


class SendFailed(Exception):  # noqa: N818  # it is told apart by its code
    """The message was not taken. ``permanent``: trying again with nothing changed is no use."""

    def __init__(self, code: FailureCode, server_reply: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.code = code
        self.server_reply = server_reply
        self.permanent = permanent


async def send(mail: OutgoingMail, message: EmailMessage) -> str:
    """Hand ``message`` over and return the server's last reply, which often names its queue id.

    Raises:
        SendFailed: it was not taken.
    """
    secrets = [mail.password.get_secret_value()] if mail.password else []
    client = _client(mail)
    try:
        async with client:
            _check_pin(client, mail.settings.tls)
            await _log_in(client, mail)
            _, reply = await client.send_message(message)
            return clean_reply(reply, secrets)
    except aiosmtplib.SMTPException as error:
        raise _failure(error, secrets) from None
    except MailFailure as failure:
        reply = clean_reply(failure.server_reply or failure.code, secrets)
        raise SendFailed(FailureCode.SEND_AUTH_FAILED, reply, permanent=True) from None
    except ssl.SSLError as error:
        raise SendFailed(
            FailureCode.SEND_TLS_FAILED, clean_reply(str(error), secrets), permanent=True
        ) from None
    except (OSError, ValueError) as error:
        raise SendFailed(
            FailureCode.SEND_DEFERRED, clean_reply(str(error), secrets), permanent=False
        ) from None


def _client(mail: OutgoingMail) -> aiosmtplib.SMTP:
    settings = mail.settings
    encrypted = settings.encryption is not Encryption.NONE
    return aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        timeout=_SECONDS,
        use_tls=settings.encryption is Encryption.SSL_TLS,
        start_tls=settings.encryption is Encryption.STARTTLS,
        tls_context=_tls_context(settings.tls) if encrypted else None,
    )


def _tls_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=tls.ca_certificate)
    if not tls.verify or tls.pinned_sha256:  # a pin takes the place of the chain: see _check_pin
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _check_pin(client: aiosmtplib.SMTP, tls: Tls) -> None:
    connection = client.get_transport_info("ssl_object")
    if tls.pinned_sha256 is None or connection is None:
        return
    presented = hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest()
    if not hmac.compare_digest(presented, tls.pinned_sha256):
        raise SendFailed(
            FailureCode.SEND_TLS_FAILED, f"the certificate's SHA-256 is {presented}", permanent=True
        )


async def _log_in_ntlm(client: aiosmtplib.SMTP, name: str, password: str) -> None:
    respond = ntlm(name, password)
    response = await client.execute_command(b"AUTH", b"NTLM", base64.b64encode(respond(b"")))
    if response.code == 334:
        challenge = base64.b64decode(response.message)
        response = await client.execute_command(base64.b64encode(respond(challenge)))
    if response.code != 235:
        raise aiosmtplib.SMTPAuthenticationError(response.code, response.message)


async def _log_in(client: aiosmtplib.SMTP, mail: OutgoingMail) -> None:
    name, password = mail.settings.username, mail.password
    if mail.settings.authentication is None or name is None or password is None:
        return
    if mail.settings.authentication is SmtpAuthentication.NTLM:
        await _log_in_ntlm(client, name, password.get_secret_value())
        return
    log_in = {
        SmtpAuthentication.PLAIN: client.auth_plain,
        SmtpAuthentication.LOGIN: client.auth_login,
        SmtpAuthentication.CRAM_MD5: client.auth_crammd5,
    }[mail.settings.authentication]
    await log_in(name, password.get_secret_value())


def _failure(error: aiosmtplib.SMTPException, secrets: list[str]) -> SendFailed:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        refusals = error.recipients
        permanent = all(refusal.code >= 500 for refusal in refusals)
        reply = "; ".join(f"{refusal.code} {refusal.message}" for refusal in refusals)
        code = FailureCode.SEND_REJECTED if permanent else FailureCode.SEND_DEFERRED
        return SendFailed(code, clean_reply(reply, secrets), permanent=permanent)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _refused(error, clean_reply(f"{error.code} {error.message}", secrets))
    reply = clean_reply(str(error), secrets)
    if isinstance(error.__cause__, ssl.SSLError) or isinstance(error.__context__, ssl.SSLError):
        return SendFailed(FailureCode.SEND_TLS_FAILED, reply, permanent=True)
    if "STARTTLS" in str(error):
        return SendFailed(FailureCode.SEND_TLS_FAILED, reply, permanent=True)
    return SendFailed(FailureCode.SEND_DEFERRED, reply, permanent=False)


def _refused(error: aiosmtplib.SMTPResponseException, reply: str) -> SendFailed:
    if error.code < 500:
        return SendFailed(FailureCode.SEND_DEFERRED, reply, permanent=False)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return SendFailed(FailureCode.SEND_AUTH_FAILED, reply, permanent=True)
    return SendFailed(FailureCode.SEND_REJECTED, reply, permanent=True)
