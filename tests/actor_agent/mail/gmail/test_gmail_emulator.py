"""What a look by the Gmail API finds, against the third-party emulator of Google (which checks no scopes)."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from actor_agent.mail import SearchWindow, Wanted
from mail_transport.journal import Journal
from tests.actor_agent.mail.gmail.conftest import METADATA, Gmail
from tests.actor_agent.mail.looking import wanted
from tests.servers.google_emulator import SECRET
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import GmailScope
from wire_contract.verification_code import locator_of, new_code, subject_for


@pytest.mark.parametrize("scope", GmailScope)
async def test_emulator_message_is_found_in_the_inbox(gmail: Gmail, scope: GmailScope) -> None:
    code = new_code()
    gmail.emulator.deliver(f"[EXTERNAL] {subject_for(code)}")
    since = datetime.now(UTC) - timedelta(hours=48)
    look = gmail.look(Wanted(locator_of(code), since=since), scope=scope)

    found = await look.found()

    assert found.codes == (code,)
    assert found.evidence.folder == "INBOX"
    assert found.evidence.message_id is not None
    assert look.step_names[-4:] == ["authenticate", "open_mailbox", "search", "found"]
    assert look.warnings == [FailureCode.SUBJECT_ALTERED]


async def test_emulator_encoded_subject_is_decoded(gmail: Gmail) -> None:
    code = new_code()
    gmail.emulator.deliver(f"Überprüfung {subject_for(code)} für Sie")

    assert (await gmail.look(wanted(code)).found()).codes == (code,)


async def test_emulator_message_in_spam_is_found_with_a_warning(gmail: Gmail) -> None:
    code = new_code()
    gmail.emulator.deliver(subject_for(code), "SPAM")
    look = gmail.look(wanted(code))

    assert (await look.found()).evidence.folder == "SPAM"
    assert look.warnings == [FailureCode.FOUND_IN_JUNK]


async def test_emulator_message_in_trash_does_not_count_and_is_told(gmail: Gmail) -> None:
    code = new_code()
    gmail.emulator.deliver(subject_for(code), "TRASH")
    look = gmail.look(wanted(code))

    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    detail = look.step(StepName.SEARCH).detail
    assert detail["messages_in_trash"] == 1
    assert str(detail["newest_seen"]).startswith("20")


async def test_emulator_message_that_comes_later_is_found(gmail: Gmail) -> None:
    code = new_code()
    changed = asyncio.Event()
    look = gmail.look(wanted(code), window=SearchWindow())
    look.journal = Journal(changed.set)
    searching = asyncio.create_task(look.found())
    async with asyncio.timeout(30):
        while not look.journal.searches:
            await changed.wait()
            changed.clear()
        await asyncio.to_thread(gmail.emulator.deliver, subject_for(code))
        assert (await searching).codes == (code,)


async def test_emulator_message_that_never_comes(gmail: Gmail) -> None:
    assert await gmail.look(wanted(new_code())).failure() is FailureCode.CODE_NOT_FOUND


async def test_emulator_mailbox_without_a_search(gmail: Gmail) -> None:
    look = gmail.look()

    assert await look.run() is None
    assert look.step_names[-2:] == ["authenticate", "open_mailbox"]


async def test_emulator_revoked_consent_asks_for_another(gmail: Gmail) -> None:
    token = gmail.emulator.consent(METADATA)
    gmail.emulator.revoke(token)

    assert await gmail.look(wanted(new_code()), token=token).failure() is FailureCode.GMAIL_CONSENT_REVOKED


async def test_emulator_wrong_client_secret(gmail: Gmail) -> None:
    failure = await gmail.look(wanted(new_code()), secret="wrong").failure()

    assert failure in {FailureCode.GMAIL_CLIENT_SECRET_WRONG, FailureCode.GMAIL_CLIENT_UNKNOWN}


async def test_emulator_no_secret_is_logged_at_debug(gmail: Gmail, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = gmail.emulator.consent(METADATA)
    await gmail.look(token=token).run()

    assert token not in caplog.text
    assert SECRET not in caplog.text
    assert "Bearer" not in caplog.text


async def test_emulator_deletion_is_refused_since_no_scope_permits_it(gmail: Gmail) -> None:
    code = new_code()
    gmail.emulator.deliver(subject_for(code))
    look = gmail.look(wanted(code), delete=True)

    await look.found()
    assert look.warnings == [FailureCode.MESSAGE_NOT_DELETED]
