"""Looking into mailboxes of a real Dovecot by POP3."""

import asyncio
import imaplib
from datetime import UTC, datetime, timedelta

import pytest

from actor_agent.mail import SearchWindow, Wanted
from mail_transport.journal import Journal
from tests.actor_agent.mail.looking import Look, credentials_of, wanted
from tests.actor_agent.mail.pop3.targets import dovecot_pop3, pop3_target
from tests.servers.dovecot import Dovecot
from tests.servers.mailbox import Mailbox
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Encryption, TlsPolicy
from wire_contract.verification_code import locator_of, new_code, subject_for

END = ["authenticate", "open_mailbox"]
STEPS = {
    Encryption.NONE: ["resolve", "connect", "greeting", "capabilities", *END],
    Encryption.SSL_TLS: ["resolve", "connect", "tls", "greeting", "capabilities", *END],
    Encryption.STARTTLS: [
        *["resolve", "connect", "greeting", "capabilities"],
        *["tls", "capabilities", *END],
    ],
}


@pytest.mark.parametrize("encryption", list(Encryption))
async def test_a_code_is_read_over_each_encryption(dovecot: Dovecot, encryption: Encryption) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver(mailbox, subject_for(code))
    look = Look(dovecot_pop3(dovecot, encryption), credentials_of(mailbox), wanted(code))
    found = await look.found()
    assert found.codes == (code,)
    assert found.evidence.folder == "INBOX"
    assert found.evidence.message_id
    assert found.evidence.received[0].at is not None
    assert look.step_names == [*STEPS[encryption], "search", "found"]
    unencrypted = encryption is Encryption.NONE
    assert look.warnings == ([FailureCode.AUTH_WITHOUT_ENCRYPTION] if unencrypted else [])


@pytest.mark.parametrize("encryption", list(Encryption))
async def test_a_wrong_password_fails_over_each_encryption_and_is_never_shown(
    dovecot: Dovecot, encryption: Encryption
) -> None:
    credentials = credentials_of(dovecot.add_user(), "s3cret-not-this")
    look = Look(dovecot_pop3(dovecot, encryption), credentials, wanted(new_code()))
    assert await look.failure() is FailureCode.AUTH_INVALID_CREDENTIALS
    step = look.step(StepName.AUTHENTICATE)
    assert step.server_reply == "[AUTH] Authentication failed."
    assert "s3cret" not in repr(look.journal.steps)


@pytest.mark.parametrize("encryption", [Encryption.SSL_TLS, Encryption.STARTTLS])
async def test_a_certificate_that_nobody_vouches_for_is_shown(
    dovecot: Dovecot, encryption: Encryption
) -> None:
    known = dovecot_pop3(dovecot, encryption)
    look = Look(known.model_copy(update={"tls": TlsPolicy()}), credentials_of(dovecot.add_user()))
    assert await look.failure() is FailureCode.TLS_UNKNOWN_CA
    assert look.step(StepName.TLS).detail["fingerprint_sha256"]


async def test_plain_text_where_tls_is_expected_is_named(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actor_agent.mail.pop3.opening.REPLY_SECONDS", 0.3)
    look = Look(pop3_target(dovecot.ports.pop3s), credentials_of(dovecot.add_user()))
    assert await look.failure() is FailureCode.TLS_EXPECTED_BY_SERVER


async def test_tls_where_plain_text_is_spoken_is_named(dovecot: Dovecot) -> None:
    look = Look(pop3_target(dovecot.ports.pop3, Encryption.SSL_TLS), credentials_of(dovecot.add_user()))
    assert await look.failure() is FailureCode.TLS_NOT_SPOKEN


async def test_a_connectivity_check_opens_the_mailbox_and_stops(dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user()
    dovecot.deliver(mailbox, "Hello")
    look = Look(dovecot_pop3(dovecot), credentials_of(mailbox))
    assert await look.run() is None
    assert look.step_names == STEPS[Encryption.SSL_TLS]
    assert {step.outcome for step in look.journal.steps} == {StepOutcome.OK}
    assert look.step(StepName.OPEN_MAILBOX).detail["messages"] == 1


async def test_a_message_that_arrives_while_waiting_is_found(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver(mailbox, "An older one")
    look = Look(dovecot_pop3(dovecot), credentials_of(mailbox), wanted(code), SearchWindow())
    searched = asyncio.Event()
    look.journal = Journal(lambda: searched.set() if look.journal.searches else None)
    async with asyncio.timeout(10):
        looking = asyncio.create_task(look.found())
        await searched.wait()
        await asyncio.to_thread(dovecot.deliver, mailbox, f"[EXTERNAL] Fwd: ({code})")
        assert (await looking).codes == (code,)
    search = look.step(StepName.SEARCH)
    assert search.detail["messages_seen"] == 2  # the older one was not fetched twice
    assert search.detail["searches"] == look.journal.searches


async def test_without_the_message_the_last_search_ends_it(dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user()
    dovecot.deliver(mailbox, subject_for(new_code()))
    look = Look(dovecot_pop3(dovecot), credentials_of(mailbox), wanted(new_code()))
    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    detail = look.step(StepName.SEARCH).detail
    assert detail["folders"] == ["INBOX"]
    assert detail["junk_not_visible"] is True
    assert detail["messages_seen"] == 1
    newest = datetime.fromisoformat(str(detail["newest_seen"]))
    assert abs(datetime.now(UTC) - newest) < timedelta(minutes=10)
    assert look.journal.searches == 1


async def test_the_code_is_found_among_300_messages(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    _fill(dovecot, mailbox, 200)
    dovecot.deliver(mailbox, subject_for(code))
    _fill(dovecot, mailbox, 99)
    look = Look(dovecot_pop3(dovecot), credentials_of(mailbox), wanted(code))
    assert (await look.found()).codes == (code,)
    assert look.step(StepName.SEARCH).detail["messages_seen"] == 200


async def test_every_look_alike_is_returned_the_newest_first(dovecot: Dovecot) -> None:
    mailbox, real = dovecot.add_user(), new_code()
    fakes = [real[:8] + new_code()[8:] for _ in range(20)]
    for code in [*fakes, real]:
        dovecot.deliver(mailbox, subject_for(code))
    found = await Look(dovecot_pop3(dovecot), credentials_of(mailbox), wanted(real)).found()
    assert found.codes == (real, *reversed(fakes[-15:]))


async def test_the_found_message_alone_is_deleted_when_asked(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver(mailbox, "Keep me")
    dovecot.deliver(mailbox, subject_for(code))
    look = Look(dovecot_pop3(dovecot, delete=True), credentials_of(mailbox), wanted(code))
    await look.found()
    assert look.warnings == []
    assert _seen_and_total(dovecot, mailbox) == (0, 1)


async def test_looking_changes_nothing(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver(mailbox, subject_for(code))
    await Look(dovecot_pop3(dovecot), credentials_of(mailbox), wanted(code)).found()
    assert _seen_and_total(dovecot, mailbox) == (0, 1)


async def test_messages_with_endless_headers_and_lines_harm_nothing(dovecot: Dovecot) -> None:
    mailbox, code = dovecot.add_user(), new_code()
    dovecot.deliver(mailbox, subject_for(code))
    folded = b"Subject: " + b"\r\n ".join([b"=?utf-8?q?" + b"x" * 900 + b"?="] * 1100)
    dovecot.deliver_raw(mailbox, folded + b"\r\nFrom: x@example.test\r\n\r\nhello\r\n")
    dovecot.append(mailbox, "INBOX", b"X-Long: " + b"y" * 300_000 + b"\r\nSubject: long\r\n\r\nhello\r\n")
    found = await Look(dovecot_pop3(dovecot), credentials_of(mailbox), wanted(code)).found()
    assert found.codes == (code,)


@pytest.mark.parametrize("password", ['quo"te\\back', "pass wörd ☃", "{5}", "%*()]", " spaced "])
async def test_any_password_goes_through_unharmed(dovecot: Dovecot, password: str) -> None:
    mailbox = dovecot.add_user(password=password)
    await Look(dovecot_pop3(dovecot), credentials_of(mailbox)).run()


async def test_a_user_name_with_a_domain_logs_in(dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user("pola", username="CORP\\pola")
    await Look(dovecot_pop3(dovecot), credentials_of(mailbox)).run()


async def test_another_mailbox_than_the_accounts_own_is_refused(dovecot: Dovecot) -> None:
    look = Look(dovecot_pop3(dovecot, mailbox="support@example.test"), credentials_of(dovecot.add_user()))
    assert await look.failure() is FailureCode.MAILBOX_NOT_FOUND


def _fill(dovecot: Dovecot, mailbox: Mailbox, count: int) -> None:
    with imaplib.IMAP4(dovecot.host, dovecot.ports.imap) as imap:
        imap.login(mailbox.username, mailbox.password)
        for _ in range(count):
            imap.append("INBOX", "", "", b"Subject: another\r\n\r\n")


def _seen_and_total(dovecot: Dovecot, mailbox: Mailbox) -> tuple[int, int]:
    with imaplib.IMAP4(dovecot.host, dovecot.ports.imap) as imap:
        imap.login(mailbox.username, mailbox.password)
        _, total = imap.select()
        _, seen = imap.search(None, "SEEN")
        assert isinstance(total[0], bytes)
        return len(seen[0].split()), int(total[0])


async def test_a_code_of_before_ends_no_search_and_is_said(dovecot: Dovecot) -> None:
    mailbox, old, new = dovecot.add_user(), new_code(), new_code()
    dovecot.deliver(mailbox, subject_for(old))
    sought = Wanted(locator_of(new), earlier_locators=(locator_of(old),))
    look = Look(dovecot_pop3(dovecot), credentials_of(mailbox), sought)
    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    assert look.step(StepName.SEARCH).detail["messages_with_an_earlier_code"] == 1
