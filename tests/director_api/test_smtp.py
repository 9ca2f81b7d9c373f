"""The Director's own mail, handed to a real Postfix."""

from typing import Any

import pytest
from pydantic import SecretStr

from director_api.clock import utc_now
from director_api.mail_settings.schemas import EmailSettingsRead
from director_api.mail_settings.service import OutgoingMail
from director_api.outbox.message import verification_message
from director_api.outbox.smtp import SendFailed, send
from tests.servers import ntlm
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.mail_servers import MailServers
from tests.servers.ports import free_ports
from tests.servers.postfix import Postfix
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import new_code

WRONG = "not-the-password"


def mail(port: int, password: str | None = None, **settings: Any) -> OutgoingMail:
    """Return the Director's settings for a server on this machine."""
    document = {"from_address": "director@example.test", "host": "127.0.0.1", "port": port, **settings}
    document["password"] = {"set": password is not None, "changed_at": utc_now()}
    return OutgoingMail(EmailSettingsRead.model_validate(document), SecretStr(password) if password else None)


async def sent(outgoing: OutgoingMail, to: str) -> str:
    """Send a code and return the server's reply."""
    return await send(outgoing, verification_message("director@example.test", to, new_code()))


async def refused(outgoing: OutgoingMail, to: str = "somebody@example.test") -> SendFailed:
    """Try to send and return why it was not taken."""
    with pytest.raises(SendFailed) as failed:
        await sent(outgoing, to)
    assert WRONG not in failed.value.server_reply
    return failed.value


def login(servers: MailServers, username: str, authentication: str) -> dict[str, Any]:
    """Return the settings of a login over verified TLS."""
    tls = {"ca_certificate": servers.ca_pem}
    return {"authentication": authentication, "username": username, "tls": tls}


@pytest.mark.parametrize("authentication", ["plain", "login"])
@pytest.mark.parametrize("encryption", ["starttls", "ssl_tls"])
async def test_each_login_over_each_encryption(
    mail_servers: MailServers, encryption: str, authentication: str
) -> None:
    mailbox = mail_servers.add_user()
    ports = mail_servers.postfix.ports
    port = ports.smtps if encryption == "ssl_tls" else ports.submission
    settings = login(mail_servers, mailbox.username, authentication)
    reply = await sent(mail(port, PASSWORD, encryption=encryption, **settings), mailbox.address)
    assert "queued as" in reply


async def test_ntlm(ntlm_postfix: Postfix, ntlm_dovecot: Dovecot) -> None:
    mailbox = ntlm_dovecot.add_user(username="CORP\\sender")
    tls = {"ca_certificate": ntlm_dovecot.ca_pem}
    settings = {"encryption": "starttls", "authentication": "ntlm", "username": "CORP\\sender", "tls": tls}
    port = ntlm_postfix.ports.submission
    assert "queued as" in await sent(mail(port, ntlm.PASSWORD, **settings), mailbox.address)
    failure = await refused(mail(port, WRONG, **settings))
    assert (failure.code, failure.permanent) == (FailureCode.SEND_AUTH_FAILED, True)


async def test_a_wrong_password(mail_servers: MailServers) -> None:
    settings = login(mail_servers, mail_servers.add_user().username, "plain")
    failure = await refused(mail(mail_servers.postfix.ports.smtps, WRONG, encryption="ssl_tls", **settings))
    assert (failure.code, failure.permanent) == (FailureCode.SEND_AUTH_FAILED, True)


@pytest.mark.parametrize("tls", [{}, {"pinned_sha256": "0" * 64}])
@pytest.mark.parametrize("encryption", ["starttls", "ssl_tls"])
async def test_a_certificate_that_is_not_trusted(
    mail_servers: MailServers, encryption: str, tls: dict[str, Any]
) -> None:
    ports = mail_servers.postfix.ports
    port = ports.smtps if encryption == "ssl_tls" else ports.smtp
    failure = await refused(mail(port, encryption=encryption, tls=tls))
    assert failure.code is FailureCode.SEND_TLS_FAILED


async def test_the_pinned_certificate_is_trusted(mail_servers: MailServers) -> None:
    mailbox = mail_servers.add_user()
    port = mail_servers.postfix.ports.smtp
    failure = await refused(mail(port, encryption="starttls", tls={"pinned_sha256": "0" * 64}))
    presented = failure.server_reply.rpartition(" ")[2]
    assert len(bytes.fromhex(presented)) == 32
    pinned = mail(port, encryption="starttls", tls={"pinned_sha256": presented})
    assert "queued as" in await sent(pinned, mailbox.address)


async def test_an_address_that_the_server_does_not_take(mail_servers: MailServers) -> None:
    failure = await refused(mail(mail_servers.postfix.ports.smtp), "somebody@elsewhere.test")
    assert (failure.code, failure.permanent) == (FailureCode.SEND_REJECTED, True)
    assert failure.server_reply.startswith("554")


async def test_a_server_that_is_away_may_come_back() -> None:
    failure = await refused(mail(free_ports(1)[0]))
    assert (failure.code, failure.permanent) == (FailureCode.SEND_DEFERRED, False)
