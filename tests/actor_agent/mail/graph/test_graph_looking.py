"""Looking into mailboxes against a stand-in that conforms to Microsoft's documentation, not to its service."""

import asyncio

import pytest

from actor_agent.mail import SearchWindow
from mail_transport.failures import LookAgain
from sandbox.stand_in import Trouble
from tests.actor_agent.mail.graph.conftest import PERSON, Microsoft
from tests.actor_agent.mail.looking import wanted
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import new_code

CODE = new_code()


def _open_window(seconds: float) -> SearchWindow:
    window = SearchWindow()
    window.close_after(seconds)
    return window


async def test_a_code_is_found_with_the_least_permission(microsoft: Microsoft) -> None:
    microsoft.app.roles = frozenset({"Mail.ReadBasic.All", "Mail.Send"})
    message = microsoft.mailbox.deliver(f"[EXTERNAL] ({CODE})")
    look = microsoft.look(wanted(CODE))
    found = await look.found()
    assert found.codes == (CODE,)
    assert found.evidence.folder == "Inbox"
    assert found.evidence.message_id == f"<{message.id}@example.test>"
    assert look.warnings == []
    assert [name for name in look.step_names if name not in {"resolve", "connect", "tls"}] == [
        "authenticate",
        "open_mailbox",
        "search",
        "found",
    ]
    assert look.step_names[:3] == ["resolve", "connect", "tls"]


async def test_the_transcript_names_each_request_and_nothing_of_a_token_or_of_mail(
    microsoft: Microsoft,
) -> None:
    microsoft.mailbox.deliver(f"({CODE})")
    look = microsoft.look(wanted(CODE))
    await look.found()
    text = "\n".join(look.journal.transcript)
    assert f"/v1.0/users/{PERSON}/messages" in text
    assert "S: 200 (" in text
    assert "?" not in text
    assert CODE not in text
    assert "eyJ" not in text


async def test_a_connectivity_check_goes_as_far_as_the_mailbox(microsoft: Microsoft) -> None:
    look = microsoft.look()
    assert await look.run() is None
    assert look.step_names[-1] == "open_mailbox"


async def test_a_message_in_junk_is_found_with_a_warning(microsoft: Microsoft) -> None:
    microsoft.mailbox.deliver(f"({CODE})", folder="junkemail")
    look = microsoft.look(wanted(CODE))
    found = await look.found()
    assert found.evidence.folder == "Junk-E-Mail"
    assert look.warnings == [FailureCode.FOUND_IN_JUNK]


async def test_a_message_that_shows_late_is_found(microsoft: Microsoft) -> None:
    microsoft.mailbox.deliver(f"({CODE})", after_seconds=0.7)
    look = microsoft.look(wanted(CODE), window=_open_window(60))
    assert (await look.found()).codes == (CODE,)
    assert look.journal.searches > 1


async def test_a_message_that_never_comes_is_missed_after_a_whole_search(microsoft: Microsoft) -> None:
    microsoft.mailbox.deliver(f"({new_code()})")
    look = microsoft.look(wanted(CODE))
    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    assert look.journal.searches == 1
    detail = look.step(StepName.SEARCH).detail
    assert (detail["messages_seen"], detail["messages_arrived"]) == (1, 0)
    assert str(detail["newest_seen"]).startswith("20")


async def test_other_mail_that_arrives_while_it_is_waited_for_is_counted(microsoft: Microsoft) -> None:
    microsoft.mailbox.deliver("there before")
    microsoft.mailbox.deliver("lunch?", after_seconds=0.7)
    look = microsoft.look(wanted(CODE), window=_open_window(2))
    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    detail = look.step(StepName.SEARCH).detail
    assert (detail["messages_seen"], detail["messages_arrived"]) == (2, 1)


async def test_every_page_is_read(microsoft: Microsoft) -> None:
    microsoft.mailbox.deliver(f"({CODE})")
    for number in range(130):
        microsoft.mailbox.deliver(f"newsletter {number}")
    assert (await microsoft.look(wanted(CODE)).found()).codes == (CODE,)
    assert sum("skiptoken" in asked for asked in microsoft.tenant.asked) == 2


async def test_a_page_that_is_throttled_is_read_after_the_wait(microsoft: Microsoft) -> None:
    microsoft.mailbox.deliver(f"({CODE})")
    for number in range(60):
        microsoft.mailbox.deliver(f"newsletter {number}")
    microsoft.tenant.troubles.append(Trouble("skiptoken", 429, "{}", {"Retry-After": "1"}))
    look = microsoft.look(wanted(CODE), window=_open_window(60))
    assert (await look.found()).codes == (CODE,)
    assert look.step(StepName.SEARCH).detail["searches"] == 1


async def test_a_token_is_asked_for_once(microsoft: Microsoft) -> None:
    await asyncio.gather(*(microsoft.look().run() for _ in range(6)))
    assert sum("/token" in asked for asked in microsoft.tenant.asked) == 1


async def test_no_more_than_four_requests_go_to_a_mailbox_at_once(microsoft: Microsoft) -> None:
    for number in range(30):
        microsoft.mailbox.deliver(f"newsletter {number}")
    looks = [microsoft.look(wanted(CODE)) for _ in range(12)]
    assert set(await asyncio.gather(*(look.failure() for look in looks))) == {FailureCode.CODE_NOT_FOUND}


async def test_a_short_wait_that_graph_asks_for_is_kept(microsoft: Microsoft) -> None:
    microsoft.mailbox.deliver(f"({CODE})")
    microsoft.tenant.troubles.append(Trouble("junkemail", 429, "{}", {"Retry-After": "1"}))
    assert (await microsoft.look(wanted(CODE), window=_open_window(60)).found()).codes == (CODE,)


@pytest.mark.parametrize("path", ["/token", f"{PERSON}/messages", "junkemail"])
async def test_a_long_wait_hands_the_check_back(microsoft: Microsoft, path: str) -> None:
    microsoft.tenant.troubles.append(Trouble(path, 429, "{}", {"Retry-After": "90"}))
    with pytest.raises(LookAgain) as again:
        await microsoft.look(wanted(CODE), window=_open_window(600)).run()
    assert again.value.after_seconds == 90


async def test_a_wait_beyond_the_deadline_ends_the_check(microsoft: Microsoft) -> None:
    microsoft.tenant.troubles.append(Trouble("junkemail", 429, "{}", {"Retry-After": "90"}))
    look = microsoft.look(wanted(CODE), window=_open_window(30))
    assert await look.failure() is FailureCode.GRAPH_THROTTLED


async def test_deleting_needs_a_permission_and_is_else_a_warning(microsoft: Microsoft) -> None:
    message = microsoft.mailbox.deliver(f"({CODE})")
    look = microsoft.look(wanted(CODE), delete=True)
    await look.found()
    assert look.warnings == [FailureCode.MESSAGE_NOT_DELETED]
    assert message.folder == "inbox"


async def test_with_the_permission_the_own_message_alone_is_deleted(microsoft: Microsoft) -> None:
    microsoft.app.roles = frozenset({"Mail.ReadWrite", "Mail.Send"})
    message, other = microsoft.mailbox.deliver(f"({CODE})"), microsoft.mailbox.deliver("lunch?")
    look = microsoft.look(wanted(CODE), delete=True)
    await look.found()
    assert look.warnings == []
    assert (message.folder, other.folder) == ("deleteditems", "inbox")


async def test_permissions_in_excess_and_missing_ones_to_send_are_told(microsoft: Microsoft) -> None:
    microsoft.app.roles = frozenset({"Mail.Read", "User.Read.All"})
    look = microsoft.look()
    await look.run()
    assert look.warnings == [FailureCode.GRAPH_SEND_NOT_PERMITTED, FailureCode.GRAPH_EXCESS_PERMISSION]
    assert look.journal.warnings[1].detail == "Mail.Read, User.Read.All"


async def test_the_bodies_of_messages_are_never_asked_for(microsoft: Microsoft) -> None:
    microsoft.mailbox.deliver(f"({CODE})")
    await microsoft.look(wanted(CODE)).found()
    assert not [asked for asked in microsoft.tenant.asked if "body" in asked.lower()]


async def test_an_outcome_of_the_search_is_written_down_once(microsoft: Microsoft) -> None:
    look = microsoft.look(wanted(CODE), secret="wrong")
    await look.failure()
    failed = [step.step for step in look.journal.steps if step.outcome is StepOutcome.FAILED]
    assert failed == [StepName.AUTHENTICATE]
