"""The journal keeps what happened in order, bounded and without secrets."""

import pytest

from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode


def _refused(journal: Journal) -> None:
    with journal.step(StepName.CONNECT) as step:
        step.detail["port"] = 143
        raise MailFailure(FailureCode.TCP_REFUSED, b"go\x1b[31m away", {"tried": 1})


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


def test_what_a_server_says_at_length_stays_within_the_wires_limits() -> None:
    journal = Journal()
    with journal.step(StepName.TLS) as step:
        step.detail["names"] = ["n" * 10_000] * 1000
        step.server_reply = "x" * 100_000
    assert len(repr(journal.steps[0].detail)) <= 16_384


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
