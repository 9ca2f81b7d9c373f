"""Logging in to a real Postfix, over each encryption."""

import socket

import pytest

from tests.mail_transport.smtp_talk import Talk, somebody
from tests.servers.mail_servers import MailServers
from tests.servers.ports import HOST
from wire_contract.diagnostics import StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, Encryption, PasswordCredentials, TlsPolicy

PLAIN_STEPS = ["smtp_resolve", "smtp_connect", "smtp_greeting", "smtp_capabilities"]
STEPS = {
    Encryption.NONE: PLAIN_STEPS,
    Encryption.SSL_TLS: ["smtp_resolve", "smtp_connect", "smtp_tls", "smtp_greeting", "smtp_capabilities"],
    Encryption.STARTTLS: [*PLAIN_STEPS, "smtp_tls", "smtp_capabilities"],
}
EACH_ENCRYPTION = pytest.mark.parametrize("encryption", list(Encryption))


def _talk(
    servers: MailServers,
    encryption: Encryption,
    authentication: Authentication | None = Authentication.PLAIN,
    credentials: PasswordCredentials | None = None,
) -> Talk:
    ports = servers.postfix.ports
    port = {Encryption.SSL_TLS: ports.smtps, Encryption.STARTTLS: ports.submission}.get(
        encryption, ports.smtp
    )
    tls = TlsPolicy(ca_certificate=servers.ca_pem)
    return Talk(port, encryption, authentication, credentials or somebody(), tls)


@EACH_ENCRYPTION
async def test_a_server_that_wants_no_login_is_greeted(
    mail_servers: MailServers, encryption: Encryption
) -> None:
    talk = _talk(mail_servers, encryption, None)
    await talk.run()
    assert talk.step_names == STEPS[encryption]
    assert {step.outcome for step in talk.journal.steps} == {StepOutcome.OK}


@EACH_ENCRYPTION
async def test_the_right_password_logs_in(mail_servers: MailServers, encryption: Encryption) -> None:
    mailbox = mail_servers.add_user(password="pass wörd ☃")
    talk = _talk(mail_servers, encryption, credentials=somebody(mailbox.username, mailbox.password))
    await talk.run()
    assert talk.step_names == [*STEPS[encryption], "smtp_authenticate"]
    assert talk.last.server_reply == "235 2.7.0 Authentication successful"
    unencrypted = encryption is Encryption.NONE
    warned = [warning.code for warning in talk.journal.warnings]
    assert warned == ([FailureCode.AUTH_WITHOUT_ENCRYPTION] if unencrypted else [])


@EACH_ENCRYPTION
async def test_a_wrong_password_is_named_and_never_shown(
    mail_servers: MailServers, encryption: Encryption
) -> None:
    mailbox = mail_servers.add_user()
    talk = _talk(mail_servers, encryption, credentials=somebody(mailbox.username, "s3cret-not-this"))
    assert await talk.failure() is FailureCode.AUTH_INVALID_CREDENTIALS
    assert talk.last.step == "smtp_authenticate"
    assert (talk.last.server_reply or "").startswith("535 5.7.8")
    assert "s3cret" not in repr(talk.journal.steps)


async def test_submission_offers_no_login_ahead_of_tls(mail_servers: MailServers) -> None:
    talk = _talk(mail_servers, Encryption.STARTTLS)
    talk.encryption = Encryption.NONE
    assert await talk.failure() is FailureCode.AUTH_MECHANISM_NOT_OFFERED
    assert talk.last.detail["offered"] == []


@pytest.mark.parametrize("encryption", [Encryption.SSL_TLS, Encryption.STARTTLS])
async def test_an_unknown_ca_is_named_with_its_certificate(
    mail_servers: MailServers, encryption: Encryption
) -> None:
    talk = _talk(mail_servers, encryption)
    talk.tls = TlsPolicy()
    assert await talk.failure() is FailureCode.TLS_UNKNOWN_CA
    assert talk.last.step == "smtp_tls"
    assert talk.last.detail["names"] == ["localhost", "127.0.0.1"]


async def test_a_plain_port_is_told_from_a_tls_port(mail_servers: MailServers) -> None:
    talk = _talk(mail_servers, Encryption.SSL_TLS)
    talk.port = mail_servers.postfix.ports.smtp
    assert await talk.failure() is FailureCode.TLS_NOT_SPOKEN


async def test_a_port_that_nobody_listens_on_is_refused() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    talk = Talk(port)
    assert await talk.failure() is FailureCode.TCP_REFUSED
    assert talk.step_names == ["smtp_resolve", "smtp_connect"]
