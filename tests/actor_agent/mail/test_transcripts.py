"""The transcript of a look into mailboxes."""

import base64

import pytest
from pydantic import SecretStr

from mail_transport.failures import MailFailure
from mail_transport.imap.login import log_in
from mail_transport.imap.opening import Opening
from mail_transport.journal import Journal
from mail_transport.xoauth2 import TokenLogin
from tests.actor_agent.mail.imap_script import imap_script
from tests.actor_agent.mail.looking import HERE, Look, credentials_of, dovecot_target, target_of, wanted
from tests.servers.dovecot import Dovecot
from tests.servers.hostile import Peer, hostile_server
from tests.servers.mailbox import Mailbox
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication
from wire_contract.verification_code import new_code, subject_for


async def test_it_shows_the_dialogue_without_secrets_and_subjects(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver(mailbox, "the payroll of November")
    dovecot.deliver(mailbox, subject_for(code))
    look = Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(code))
    await look.found()
    text = "\n".join(look.journal.transcript)
    assert f"== 127.0.0.1:{dovecot.ports.imaps} ==" in text
    assert "-- TLS from here on --" in text
    assert "EXAMINE" in text or "SELECT" in text
    for hidden in (mailbox.password, "payroll", code):
        assert hidden not in text


_FAR = b" BAD Error in IMAP command received by server gateway-03.mail.corp.example.test, not understood: ".ljust(
    150, b"."
)


async def _echoing(peer: Peer, tag: bytes) -> None:
    line = peer.heard[-1].strip()
    await peer.send(tag + _FAR + line)


async def test_a_password_that_is_echoed_far_along_a_line_is_masked() -> None:
    somebody = credentials_of(Mailbox("x@example.test", "x", "CorrectHorseBatteryStaple-2026-" * 3))
    script = imap_script({b"CAPABILITY": [b"* CAPABILITY IMAP4rev1"], b"LOGIN": _echoing})
    async with hostile_server(script) as server:
        look = Look(target_of(server.port), somebody)
        await look.failure()
    text = "\n".join(look.journal.transcript)
    assert "not understood" in text
    assert "Cor" not in text


async def test_a_token_that_is_echoed_far_along_a_line_is_masked() -> None:
    login = TokenLogin("x", SecretStr("ya29." + "a-token-of-the-test" * 80), {})
    capabilities = b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR"
    script = imap_script({b"CAPABILITY": [capabilities], b"AUTHENTICATE": _echoing})
    async with hostile_server(script) as server:
        target, journal = target_of(server.port, authentication=Authentication.XOAUTH2), Journal()
        session = await Opening(target.incoming, target.tls, HERE, journal).open()
        with pytest.raises(MailFailure):
            await log_in(session, target.incoming, login, journal)
        session.channel.abort()
    text = "\n".join(journal.transcript)
    assert "not understood" in text
    assert base64.b64encode(b"user=x")[:8].decode() not in text


@pytest.mark.parametrize("password", ["wrong-horse-battery"])
async def test_it_shows_what_the_server_said_to_a_refused_login(dovecot: Dovecot, password: str) -> None:
    look = Look(dovecot_target(dovecot), credentials_of(dovecot.add_user(), password))
    assert await look.failure() is FailureCode.AUTH_INVALID_CREDENTIALS
    text = "\n".join(look.journal.transcript)
    assert "AUTHENTICATIONFAILED" in text
    assert password not in text
