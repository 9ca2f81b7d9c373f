"""Looking into mailboxes of a real Dovecot."""

import asyncio
import imaplib
from datetime import UTC, datetime, timedelta

import pytest

from actor_agent.mail import SearchWindow, Wanted
from mail_transport.journal import Journal
from tests.actor_agent.mail.looking import Look, credentials_of, dovecot_target, wanted
from tests.servers.dovecot import Dovecot
from tests.servers.mailbox import JUNK_FOLDER, Mailbox, message
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Encryption
from wire_contract.verification_code import new_code, subject_for

UNENCRYPTED_STEPS = ["resolve", "connect", "greeting", "capabilities", "authenticate", "open_mailbox"]
STEPS = {
    Encryption.NONE: UNENCRYPTED_STEPS,
    Encryption.SSL_TLS: ["resolve", "connect", "tls", *UNENCRYPTED_STEPS[2:]],
    Encryption.STARTTLS: ["resolve", "connect", "greeting", "capabilities", "tls", *UNENCRYPTED_STEPS[3:]],
}


@pytest.mark.parametrize("encryption", list(Encryption))
async def test_a_code_is_read_over_each_encryption(dovecot: Dovecot, encryption: Encryption) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver(mailbox, subject_for(code))
    look = Look(dovecot_target(dovecot, encryption), credentials_of(mailbox), wanted(code))
    found = await look.found()
    assert found.codes == (code,)
    assert found.evidence.folder == "INBOX"
    assert found.evidence.message_id
    assert found.evidence.received[0].at is not None
    assert look.step_names == [*STEPS[encryption], "search", "found"]
    unencrypted = encryption is Encryption.NONE
    assert look.warnings == ([FailureCode.AUTH_WITHOUT_ENCRYPTION] if unencrypted else [])


async def test_a_connectivity_check_opens_the_mailbox_and_stops(dovecot: Dovecot) -> None:
    look = Look(dovecot_target(dovecot), credentials_of(dovecot.add_user()))
    assert await look.run() is None
    assert look.step_names == STEPS[Encryption.SSL_TLS]
    assert {step.outcome for step in look.journal.steps} == {StepOutcome.OK}


async def test_a_message_that_arrives_while_waiting_is_found(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    look = Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(code), SearchWindow())
    searched = asyncio.Event()
    look.journal = Journal(lambda: searched.set() if look.journal.searches else None)
    async with asyncio.timeout(10):
        looking = asyncio.create_task(look.found())
        await searched.wait()
        await asyncio.to_thread(dovecot.deliver, mailbox, f"[EXTERNAL] Fwd: ({code})")
        assert (await looking).codes == (code,)


async def test_without_the_message_the_last_search_ends_it(dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user()
    dovecot.deliver(mailbox, subject_for(new_code()))
    look = Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(new_code()))
    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    search = look.step(StepName.SEARCH)
    assert search.detail["folders"] == ["INBOX", JUNK_FOLDER]
    assert search.detail["messages_seen"] == 1
    newest = datetime.fromisoformat(str(search.detail["newest_seen"]))
    assert abs(datetime.now(UTC) - newest) < timedelta(minutes=10)
    assert look.journal.searches >= 1


async def test_junk_is_looked_into_and_said(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver_to_junk(mailbox, subject_for(code))
    look = Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(code))
    found = await look.found()
    assert (found.codes, found.evidence.folder) == ((code,), JUNK_FOLDER)
    assert look.warnings == [FailureCode.FOUND_IN_JUNK]


async def test_a_wrong_password_fails_and_is_never_shown(dovecot: Dovecot) -> None:
    look = Look(dovecot_target(dovecot), credentials_of(dovecot.add_user(), "s3cret-not-this"))
    assert await look.failure() is FailureCode.AUTH_INVALID_CREDENTIALS
    step = look.step(StepName.AUTHENTICATE)
    assert step.server_reply == "[AUTHENTICATIONFAILED] Authentication failed."
    assert "s3cret" not in repr(look.journal.steps)


@pytest.mark.parametrize("password", ['quo"te\\back', "pass wörd ☃", "{5}", "a{}b", "%*()]"])
async def test_any_password_goes_through_unharmed(dovecot: Dovecot, password: str) -> None:
    mailbox = dovecot.add_user(password=password)
    look = Look(dovecot_target(dovecot), credentials_of(mailbox))
    await look.run()


async def test_a_user_name_with_a_domain_logs_in(dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user("dora", username="CORP\\dora")
    await Look(dovecot_target(dovecot), credentials_of(mailbox)).run()


async def test_every_look_alike_is_returned_the_newest_first(dovecot: Dovecot) -> None:
    mailbox, real = dovecot.add_user(), new_code()
    fakes = [real[:8] + new_code()[8:] for _ in range(9)]
    for code in [*fakes, real]:
        dovecot.deliver(mailbox, subject_for(code))
    found = await Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(real)).found()
    assert found.codes == (real, *reversed(fakes))


async def test_a_code_of_before_ends_no_search_and_is_said(dovecot: Dovecot) -> None:
    mailbox, old, new = dovecot.add_user(), new_code(), new_code()
    dovecot.deliver(mailbox, subject_for(old))
    sought = Wanted(new[:8], earlier_locators=(old[:8],))
    look = Look(dovecot_target(dovecot), credentials_of(mailbox), sought)
    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    assert look.step(StepName.SEARCH).detail["messages_with_an_earlier_code"] == 1


async def test_the_newest_of_too_many_look_alikes_are_returned(dovecot: Dovecot) -> None:
    mailbox, real = dovecot.add_user(), new_code()
    for _ in range(20):
        dovecot.deliver(mailbox, subject_for(real[:8] + new_code()[8:]))
    dovecot.deliver(mailbox, subject_for(real))
    found = await Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(real)).found()
    assert (len(found.codes), found.codes[0]) == (16, real)


async def test_the_found_message_alone_is_deleted_when_asked(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver(mailbox, "Keep me")
    dovecot.deliver(mailbox, subject_for(code))
    look = Look(dovecot_target(dovecot, delete=True), credentials_of(mailbox), wanted(code))
    await look.found()
    assert look.warnings == []
    assert _seen_and_total(dovecot, mailbox) == (b"0", b"1")


async def test_looking_changes_nothing(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver(mailbox, subject_for(code))
    await Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(code)).found()
    assert _seen_and_total(dovecot, mailbox) == (b"0", b"1")


async def test_a_hostile_subject_of_a_megabyte_harms_nothing(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    folded = b"Subject: " + b"\r\n ".join([b"=?utf-8?q?" + b"x" * 900 + b"?="] * 1100)
    dovecot.deliver_raw(mailbox, folded + b"\r\nFrom: x@example.test\r\n\r\nhello\r\n")
    dovecot.deliver(mailbox, subject_for(code))
    found = await Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(code)).found()
    assert found.codes == (code,)


async def test_a_further_folder_is_looked_into_and_a_missing_one_is_named(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    with imaplib.IMAP4(dovecot.host, dovecot.ports.imap) as imap:
        imap.login(mailbox.username, mailbox.password)
        imap.create('"Quarant&AOQ-ne"')
    dovecot.append(mailbox, "Quarant&AOQ-ne", message(subject_for(code), to=mailbox.address))
    sought = wanted(code, folders=("Nowhere", "Quarantäne"))
    look = Look(dovecot_target(dovecot), credentials_of(mailbox), sought)
    assert (await look.found()).evidence.folder == "Quarantäne"
    assert look.step(StepName.SEARCH).detail["not_opened"] == {"Nowhere": "mailbox_not_found"}


async def test_a_mailbox_that_is_not_there_is_named(dovecot: Dovecot) -> None:
    target = dovecot_target(dovecot, mailbox="Shared/support")
    look = Look(target, credentials_of(dovecot.add_user()))
    assert await look.failure() is FailureCode.MAILBOX_NOT_FOUND


async def test_an_old_message_behind_newer_ones_is_found(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver(mailbox, subject_for(code))
    with imaplib.IMAP4(dovecot.host, dovecot.ports.imap) as imap:
        imap.login(mailbox.username, mailbox.password)
        for _ in range(250):
            imap.append("INBOX", "", "", b"Subject: newer\r\n\r\n")
    found = await Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(code)).found()
    assert found.codes == (code,)


def _seen_and_total(dovecot: Dovecot, mailbox: Mailbox) -> tuple[bytes, bytes]:
    with imaplib.IMAP4(dovecot.host, dovecot.ports.imap) as imap:
        imap.login(mailbox.username, mailbox.password)
        _, total = imap.select()
        _, seen = imap.search(None, "SEEN")
        assert isinstance(total[0], bytes)
        return b"%d" % len(seen[0].split()), total[0]
