"""Reading a mailbox after a login by NTLM, over IMAP and POP3, with a real server."""

import asyncio

import pytest
from pydantic import SecretStr

from tests.actor_agent.mail.looking import Look, target_of, wanted
from tests.actor_agent.mail.pop3.targets import pop3_target
from tests.servers import ntlm
from tests.servers.dovecot import Dovecot
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, Encryption, PasswordCredentials, Target
from wire_contract.verification_code import new_code, subject_for

PROTOCOLS = ["imap", "pop3"]


def _target(dovecot: Dovecot, protocol: str, encryption: Encryption = Encryption.STARTTLS) -> Target:
    over_tls = encryption is Encryption.SSL_TLS
    ports, ca = dovecot.ports, dovecot.ca_pem
    if protocol == "imap":
        port = ports.imaps if over_tls else ports.imap
        return target_of(port, encryption, ca=ca, authentication=Authentication.NTLM)
    port = ports.pop3s if over_tls else ports.pop3
    return pop3_target(port, encryption, ca=ca, authentication=Authentication.NTLM)


def _login(username: str, password: str = ntlm.PASSWORD) -> PasswordCredentials:
    return PasswordCredentials(username=username, password=SecretStr(password))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("form", ["{}", r"CORP\{}", "{}@corp.test"])
async def test_a_code_is_read_whatever_the_name_looks_like(
    ntlm_dovecot: Dovecot, protocol: str, form: str
) -> None:
    mailbox, code = ntlm_dovecot.add_user(), new_code()
    ntlm_dovecot.deliver(mailbox, subject_for(code))
    look = Look(_target(ntlm_dovecot, protocol), _login(form.format(mailbox.name)), wanted(code))
    assert (await look.found()).codes == (code,)
    assert look.step(StepName.AUTHENTICATE).detail["mechanism"] == "NTLM"
    assert look.warnings == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("encryption", [Encryption.NONE, Encryption.SSL_TLS])
async def test_it_works_over_each_other_encryption(
    ntlm_dovecot: Dovecot, protocol: str, encryption: Encryption
) -> None:
    mailbox = ntlm_dovecot.add_user()
    look = Look(_target(ntlm_dovecot, protocol, encryption), _login(mailbox.name))
    await look.run()
    unencrypted = encryption is Encryption.NONE
    assert look.warnings == ([FailureCode.AUTH_WITHOUT_ENCRYPTION] if unencrypted else [])


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_wrong_password_fails_and_is_never_shown(ntlm_dovecot: Dovecot, protocol: str) -> None:
    mailbox = ntlm_dovecot.add_user()
    look = Look(_target(ntlm_dovecot, protocol), _login(mailbox.name, "s3cret-not-this"))
    async with asyncio.timeout(30):
        assert await look.failure() is FailureCode.AUTH_INVALID_CREDENTIALS
    assert look.step(StepName.AUTHENTICATE).server_reply
    assert "s3cret" not in repr(look.journal.steps)


@pytest.mark.parametrize(("protocol", "offered"), [("imap", "AUTH=PLAIN"), ("pop3", "PLAIN")])
async def test_a_server_without_it_is_asked_for_nothing(
    dovecot: Dovecot, protocol: str, offered: str
) -> None:
    look = Look(_target(dovecot, protocol), _login(dovecot.add_user().name))
    assert await look.failure() is FailureCode.AUTH_MECHANISM_NOT_OFFERED
    said = look.step(StepName.AUTHENTICATE).detail["offered"]
    assert isinstance(said, list)
    assert offered in said
