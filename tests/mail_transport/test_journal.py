"""The journal keeps what happened in order, bounded and without secrets."""

import asyncio

import pytest

from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from wire_contract.base import JsonValue
from wire_contract.diagnostics import MAX_DETAIL_BYTES, StepName, StepOutcome
from wire_contract.failure_codes import FailureCode


def _refused(journal: Journal, *, quiet: bool = False) -> None:
    with journal.step(StepName.CONNECT, quiet=quiet) as step:
        step.detail["port"] = 143
        raise MailFailure(FailureCode.TCP_REFUSED, b"go\x1b[31m away", {"tried": 1})


async def _wait_for_ever(journal: Journal) -> None:
    with journal.step(StepName.CONNECT):
        await asyncio.Event().wait()


def test_a_failure_marks_its_step_and_goes_on() -> None:
    journal = Journal(clock=iter([1.0, 1.25]).__next__)
    with pytest.raises(MailFailure):
        _refused(journal)
    (failed,) = journal.steps
    assert (failed.outcome, failed.code) == (StepOutcome.FAILED, FailureCode.TCP_REFUSED)
    assert failed.detail == {"port": 143, "tried": 1}
    assert failed.server_reply == "go [31m away"
    assert failed.milliseconds == 250


def test_secrets_are_masked_wherever_a_server_repeats_them() -> None:
    journal = Journal()
    journal.mask("s3cret")
    with journal.step(StepName.GREETING) as step:
        step.server_reply = "hello s3cret, czNjcmV0"
        step.detail["capabilities"] = ["X-s3cret"]
    assert "s3cret" not in repr(journal.steps)
    assert "czNjcmV0" not in repr(journal.steps)


def test_a_secret_is_masked_as_a_quoted_string_too() -> None:
    journal = Journal()
    journal.mask('top"sec\\ret')
    with journal.step(StepName.AUTHENTICATE) as step:
        step.server_reply = rb'cannot parse "top\"sec\\ret"'
    assert journal.steps[0].server_reply == 'cannot parse "•••"'


@pytest.mark.parametrize("padding", [b"", b"y" * 500, b" " * 4090, b"s3cret-of-x" * 372])
def test_a_secret_that_a_cut_divides_shows_no_part_of_itself(padding: bytes) -> None:
    journal = Journal()
    journal.mask("s3cret-of-x")
    with journal.step(StepName.AUTHENTICATE) as step:
        step.server_reply = (padding + b"s3cret-of-x" + b"z" * 70_000)[:70_000]
    assert "s3c" not in repr(journal.steps)


def test_what_a_server_says_at_length_stays_within_the_wires_limits() -> None:
    journal = Journal()
    with journal.step(StepName.TLS) as step:
        step.detail["names"] = ["n" * 10_000] * 1000
        step.server_reply = "x" * 100_000
    assert len(repr(journal.steps[0].detail)) <= 16_384


@pytest.mark.parametrize(
    "detail",
    [
        {"names": ["\\" * 10_000] * 1000},
        {"tried": {f"{n}" + "\\" * 10_000: "'\"" * 10_000 for n in range(1000)}},
        {"deep": [["\\" * 500] * 40] * 40},
        {f"{n}": "\\" * 10_000 for n in range(1000)},
    ],
)
def test_no_detail_is_too_long_for_the_wire_however_it_is_made(detail: dict[str, JsonValue]) -> None:
    journal = Journal()
    with journal.step(StepName.TLS) as step:
        step.detail.update(detail)
    assert 0 < len(repr(journal.steps[0].detail)) <= MAX_DETAIL_BYTES


def test_what_a_detail_has_room_for_is_shown_whole() -> None:
    journal = Journal()
    detail: dict[str, JsonValue] = {"port": 143, "tried": {"127.0.0.1": "tcp_refused"}, "names": ["a", "b"]}
    with journal.step(StepName.CONNECT) as step:
        step.detail.update(detail)
    assert journal.steps[0].detail == detail


def test_a_search_shows_itself_while_it_runs() -> None:
    journal = Journal()
    with journal.step(StepName.SEARCH) as step:
        step.detail["messages_seen"] = 3
        assert [each.detail for each in journal.steps] == [{"messages_seen": 3}]
    assert len(journal.steps) == 1


def test_each_change_is_announced() -> None:
    changes: list[int] = []
    journal = Journal(lambda: changes.append(1))
    with journal.step(StepName.SEARCH):
        journal.searched()
    assert (len(changes), journal.searches) == (2, 1)


def test_what_is_done_beside_is_shown_behind_and_shares_what_is_secret() -> None:
    changes: list[int] = []
    journal = Journal(lambda: changes.append(1))
    beside = journal.beside()
    journal.mask("s3cret")
    with journal.step(StepName.SEARCH):
        with beside.step(StepName.SMTP_GREETING) as step:
            step.server_reply = "hello s3cret"
        beside.warn(FailureCode.TLS_NOT_VERIFIED, "outgoing server\n")
        assert [each.step for each in journal.steps] == [StepName.SEARCH, StepName.SMTP_GREETING]
    assert journal.steps[1].server_reply == "hello •••"
    assert [(warned.code, warned.detail) for warned in journal.warnings] == [
        (FailureCode.TLS_NOT_VERIFIED, "outgoing server")
    ]
    assert len(changes) == 2


def test_a_quiet_step_is_shown_only_if_it_fails() -> None:
    journal = Journal()
    with journal.step(StepName.TLS, quiet=True):
        pass
    assert [*journal.steps] == []
    with pytest.raises(MailFailure):
        _refused(journal, quiet=True)
    assert [step.code for step in journal.steps] == [FailureCode.TCP_REFUSED]


async def test_a_step_that_is_cancelled_is_no_success() -> None:
    journal = Journal()

    task = asyncio.create_task(_wait_for_ever(journal))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    assert journal.steps[0].outcome is StepOutcome.SKIPPED
    assert not journal.has_passed(StepName.CONNECT)


async def test_time_that_ran_out_shows_in_the_step_it_cut_short_and_in_none_beside() -> None:
    journal = Journal()
    with journal.beside().step(StepName.SMTP_GREETING):
        pass
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_wait_for_ever(journal), 0.01)
    assert journal.time_ran_out(120.0).code is FailureCode.REPLY_TIMED_OUT
    assert [(step.step, step.outcome, step.detail) for step in journal.steps] == [
        (StepName.CONNECT, StepOutcome.FAILED, {"seconds": 120.0}),
        (StepName.SMTP_GREETING, StepOutcome.OK, {}),
    ]


async def test_who_waits_for_a_step_is_woken_by_that_alone() -> None:
    journal = Journal()
    waiting = asyncio.create_task(journal.until_passed(StepName.OPEN_MAILBOX))
    with pytest.raises(MailFailure):
        _refused(journal)
    with journal.step(StepName.RESOLVE):
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done()
    with journal.step(StepName.OPEN_MAILBOX):
        pass
    await waiting
