"""Looking into mailboxes against a stand-in that conforms to Google's documentation, not to its service."""

import asyncio
import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest

from actor_agent.mail import SearchWindow, Wanted
from mail_transport.failures import LookAgain
from mail_transport.journal import Journal
from sandbox.stand_in import Trouble
from tests.actor_agent.mail.gmail.standing_in import Google, open_window
from tests.actor_agent.mail.looking import wanted
from tests.servers.google.answers import api_error, refusing, throttled
from tests.servers.google.project import ELSEWHERE, FULL, METADATA, READONLY
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import GmailScope
from wire_contract.verification_code import locator_of, new_code, subject_for

CODE = new_code()
SUBJECT = subject_for(CODE)


def _since(hours: float = 48.0) -> Wanted:
    return Wanted(locator_of(CODE), since=datetime.now(UTC) - timedelta(hours=hours))


@pytest.mark.parametrize("scope", GmailScope)
async def test_strict_code_is_found_with_either_scope(google: Google, scope: GmailScope) -> None:
    google.account.deliver("lunch?")
    google.account.deliver(SUBJECT)
    look = google.look(_since(), scope=scope)

    found = await look.found()

    assert (found.codes, found.evidence.folder) == ((CODE,), "INBOX")
    assert look.warnings == []
    searches = [asked for asked in google.project.asked if "q=after" in asked]
    assert bool(searches) is (scope is GmailScope.READONLY)


async def test_strict_code_is_found_by_a_service_account(google: Google) -> None:
    google.account.deliver(SUBJECT)
    look = google.look_by_service_account(wanted(CODE))

    assert (await look.found()).codes == (CODE,)
    shown = look.step(StepName.AUTHENTICATE).detail
    assert (shown["service_account"], shown["client_id"]) == (google.robot.email, google.robot.client_id)


async def test_strict_bodies_are_never_asked_for(google: Google) -> None:
    google.account.deliver(SUBJECT)
    await google.look(wanted(CODE), scope=GmailScope.READONLY).found()

    gets = [asked for asked in google.project.asked if "/messages/" in asked]
    assert gets
    assert all("format=metadata" in asked for asked in gets)


async def test_strict_message_in_spam_is_found_with_a_warning(google: Google) -> None:
    google.account.deliver(SUBJECT, "SPAM")
    look = google.look(wanted(CODE))

    assert (await look.found()).evidence.folder == "SPAM"
    assert look.warnings == [FailureCode.FOUND_IN_JUNK]


async def test_strict_message_in_the_inbox_comes_before_one_in_spam(google: Google) -> None:
    other = f"{CODE[:8]}{'x' * 18}"
    google.account.deliver(SUBJECT)
    google.account.deliver(subject_for(other), "SPAM")
    look = google.look(wanted(CODE))

    assert (await look.found()).codes == (CODE, other)
    assert look.warnings == []


@pytest.mark.parametrize(
    "subject", [SUBJECT, CODE, subject_for(CODE[:12])], ids=["whole", "without parentheses", "a part"]
)
async def test_strict_trash_holds_no_find_and_no_near_miss(google: Google, subject: str) -> None:
    google.account.deliver(subject, "TRASH")
    look = google.look(wanted(CODE))

    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    assert look.warnings == []
    assert look.step(StepName.SEARCH).detail["messages_in_trash"] == (1 if subject == SUBJECT else 0)


async def test_strict_near_miss_is_told(google: Google) -> None:
    google.account.deliver(CODE)
    look = google.look(wanted(CODE))

    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    assert look.warnings == [FailureCode.CODE_WITHOUT_PARENTHESES]


async def test_strict_message_that_shows_late_is_found(google: Google) -> None:
    google.account.deliver(SUBJECT, after_seconds=0.7)
    look = google.look(wanted(CODE), window=open_window())

    assert (await look.found()).codes == (CODE,)


async def test_strict_other_mail_that_arrives_while_it_is_waited_for_is_counted(google: Google) -> None:
    google.account.deliver("there before")
    google.account.deliver("lunch?", after_seconds=0.7)
    look = google.look(wanted(CODE), window=open_window(2))

    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    detail = look.step(StepName.SEARCH).detail
    assert (detail["messages_seen"], detail["messages_arrived"]) == (2, 1)


async def test_strict_message_that_arrives_while_it_is_waited_for(google: Google) -> None:
    for number in range(6):
        google.account.deliver(f"newsletter {number}")
    searched = asyncio.Event()
    look = google.look(wanted(CODE), window=SearchWindow())
    look.journal = Journal(searched.set)
    looking = asyncio.create_task(look.found())
    async with asyncio.timeout(30):
        while not look.journal.searches:
            await searched.wait()
            searched.clear()
        read = len([asked for asked in google.project.asked if "/messages/" in asked])
        google.account.deliver(SUBJECT)
        assert (await looking).codes == (CODE,)
    assert len([asked for asked in google.project.asked if "/messages/" in asked]) == read + 1


async def test_strict_consent_that_is_revoked_during_the_search_asks_for_another(google: Google) -> None:
    changed = asyncio.Event()
    look = google.look(wanted(CODE), window=SearchWindow())
    look.journal = Journal(changed.set)
    failing = asyncio.create_task(look.failure())
    async with asyncio.timeout(30):
        while not look.journal.searches:
            await changed.wait()
            changed.clear()
        google.project.revoke(google.account.address)
        assert await failing is FailureCode.GMAIL_CONSENT_REVOKED
    assert [step.code for step in look.journal.steps if step.code] == [
        FailureCode.GMAIL_SIGN_IN_REFUSED,
        FailureCode.GMAIL_CONSENT_REVOKED,
    ]


async def test_strict_token_that_ends_during_the_search_is_replaced(google: Google) -> None:
    google.account.deliver(SUBJECT)
    body = json.dumps(api_error(401, "authError", "Invalid Credentials"))
    google.project.troubles.append(Trouble("maxResults=100", 401, body))
    look = google.look(wanted(CODE))

    assert (await look.found()).codes == (CODE,)
    assert look.step_names.count("authenticate") == 2


async def test_strict_every_page_is_read_once(google: Google) -> None:
    google.account.deliver(SUBJECT)
    for number in range(130):
        google.account.deliver(f"newsletter {number}")

    assert (await google.look(_since(), scope=GmailScope.READONLY).found()).codes == (CODE,)
    assert len([asked for asked in google.project.asked if "/messages/" in asked]) == 131


async def test_strict_search_ends_at_what_is_too_old(google: Google) -> None:
    for number in range(40):
        google.account.deliver(f"newsletter {number}", age_seconds=3600)
    google.account.deliver("news")
    look = google.look(_since(hours=0.5))

    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    assert len([asked for asked in google.project.asked if "/messages/" in asked]) == 4


async def test_strict_throttling_midway_loses_no_message(google: Google) -> None:
    google.account.deliver(SUBJECT)
    for number in range(120):
        google.account.deliver(f"newsletter {number}")
    google.project.troubles.append(throttled("pageToken"))
    look = google.look(wanted(CODE), window=open_window())

    assert (await look.found()).codes == (CODE,)
    assert look.step(StepName.SEARCH).detail["searches"] == 1


async def test_strict_match_counts_although_the_rest_is_throttled(google: Google) -> None:
    old = google.account.deliver("older")
    google.account.deliver(SUBJECT)
    google.project.troubles.append(throttled(f"/messages/{old.id}", wait=90))
    look = google.look(wanted(CODE), window=open_window(30))

    assert (await look.found()).codes == (CODE,)


@pytest.mark.parametrize(
    "trouble",
    [
        refusing("/token", 429, "rateLimitExceeded", "Quota exceeded.", 1),
        refusing("/token", 503, "backendError", "Backend Error"),
        throttled("maxResults=1&"),
        refusing("maxResults=100", 503, "backendError", "Backend Error"),
        refusing("/messages/", 429, "rateLimitExceeded", "Too many concurrent requests for user", 1),
    ],
    ids=["throttled-sign-in", "sign-in-away", "throttled-open", "list-away", "throttled-message"],
)
async def test_strict_trouble_is_waited_out_at_each_step(google: Google, trouble: Trouble) -> None:
    google.account.deliver(SUBJECT)
    google.project.troubles.append(dataclasses.replace(trouble))
    look = google.look(wanted(CODE), window=open_window())

    assert (await look.found()).codes == (CODE,)
    assert not google.project.troubles


async def test_strict_long_wait_hands_the_check_back(google: Google) -> None:
    google.project.troubles.append(refusing("/token", 429, "rateLimitExceeded", "Quota exceeded.", 90))
    with pytest.raises(LookAgain) as again:
        await google.look(wanted(CODE), window=open_window(600)).run()
    assert again.value.after_seconds == 90


async def test_strict_wait_that_gmail_asks_for_in_words_alone_is_kept(google: Google) -> None:
    until = datetime.now(UTC) + timedelta(seconds=90)
    said = f"User-rate limit exceeded.  Retry after {until:%Y-%m-%dT%H:%M:%S}.000Z"
    google.project.troubles.append(refusing("maxResults=100", 403, "userRateLimitExceeded", said))
    with pytest.raises(LookAgain) as again:
        await google.look(wanted(CODE), window=open_window(600)).run()
    assert 60 < again.value.after_seconds <= 90


async def test_strict_wait_beyond_the_deadline_ends_the_check(google: Google) -> None:
    google.project.troubles.append(throttled("maxResults=100", wait=90))

    assert await google.look(wanted(CODE), window=open_window(30)).failure() is FailureCode.GMAIL_THROTTLED


async def test_strict_message_that_is_gone_before_it_is_read(google: Google) -> None:
    gone = google.account.deliver("gone")
    google.account.deliver(SUBJECT)
    google.project.troubles.append(
        refusing(f"/messages/{gone.id}", 404, "notFound", "Requested entity was not found.")
    )

    assert (await google.look(wanted(CODE)).found()).codes == (CODE,)


async def test_strict_key_files_own_token_endpoint_is_not_asked(google: Google) -> None:
    assert ELSEWHERE in google.robot.key_file()
    assert await google.look_by_service_account().run() is None


async def test_strict_consent_that_tells_who_consented_too_is_no_excess(google: Google) -> None:
    consent = google.project.consent(google.client, google.account.address, READONLY, "openid", "email")
    look = google.look(token=consent, scope=GmailScope.READONLY)

    assert await look.run() is None
    assert look.warnings == []


async def test_strict_excess_of_a_consent_is_told_and_not_used(google: Google) -> None:
    google.account.deliver(SUBJECT)
    broad = google.project.consent(google.client, google.account.address, METADATA, READONLY, FULL)
    look = google.look(_since(), token=broad, scope=GmailScope.READONLY)

    assert (await look.found()).codes == (CODE,)
    assert look.warnings == [FailureCode.GMAIL_EXCESS_PERMISSION]
    assert look.journal.warnings[0].detail == f"{FULL}, {METADATA}"
    assert list(google.project.access.values())[-1].scopes == {READONLY}
    assert any("q=after" in asked for asked in google.project.asked)  # which a token for headers refuses
