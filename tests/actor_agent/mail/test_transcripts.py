"""The transcript of a look into real mailboxes."""

import pytest

from tests.actor_agent.mail.looking import Look, credentials_of, dovecot_target, wanted
from tests.servers.dovecot import Dovecot
from wire_contract.failure_codes import FailureCode
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


@pytest.mark.parametrize("password", ["wrong-horse-battery"])
async def test_it_shows_what_the_server_said_to_a_refused_login(dovecot: Dovecot, password: str) -> None:
    look = Look(dovecot_target(dovecot), credentials_of(dovecot.add_user(), password))
    assert await look.failure() is FailureCode.AUTH_INVALID_CREDENTIALS
    text = "\n".join(look.journal.transcript)
    assert "AUTHENTICATIONFAILED" in text
    assert password not in text
