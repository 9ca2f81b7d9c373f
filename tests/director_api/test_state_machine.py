"""The state machine of a check: every state, every event."""

from collections.abc import Callable
from itertools import product

import pytest

from director_api.verifications import state_machine as machine
from director_api.verifications.state_machine import CheckState as State
from director_api.verifications.state_machine import CheckStatus, IllegalTransition
from director_api.verifications.state_machine import MailState as Mail
from wire_contract.failure_codes import FailureCode

Event = Callable[[CheckStatus], CheckStatus]


def fail(check: CheckStatus) -> CheckStatus:
    """End the check with a failure."""
    return machine.fail(check, FailureCode.TCP_REFUSED)


def mail_failed(check: CheckStatus) -> CheckStatus:
    """End the mail with a failure."""
    return machine.mail_failed(check, FailureCode.SEND_REJECTED)


DRAWN: dict[tuple[State, Event], State] = {
    (State.QUEUED, machine.lease): State.LEASED,
    (State.LEASED, machine.hand_back): State.QUEUED,
    (State.LEASED, machine.lapse): State.QUEUED,
    (State.LEASED, machine.prove): State.VERIFIED,
    (State.QUEUED, machine.prove): State.VERIFIED,  # the late result of a superseded lease
    (State.QUEUED, fail): State.UNVERIFIED,
    (State.LEASED, fail): State.UNVERIFIED,
    (State.QUEUED, machine.cancel): State.CANCELLED,
    (State.LEASED, machine.cancel): State.CANCELLED,
}
EVENTS: tuple[Event, ...] = (
    machine.lease,
    machine.hand_back,
    machine.lapse,
    machine.prove,
    fail,
    machine.cancel,
)
MAIL_DRAWN: dict[tuple[Mail, Event], Mail] = {
    (Mail.QUEUED, machine.mail_sent): Mail.SENT,
    (Mail.QUEUED, machine.mail_deferred): Mail.DEFERRED,
    (Mail.QUEUED, mail_failed): Mail.FAILED,
    (Mail.DEFERRED, machine.mail_sent): Mail.SENT,
    (Mail.DEFERRED, machine.mail_deferred): Mail.DEFERRED,
    (Mail.DEFERRED, mail_failed): Mail.FAILED,
    (Mail.SENT, machine.mail_bounced): Mail.FAILED,
    (Mail.QUEUED, machine.mail_bounced): Mail.FAILED,  # the report was faster than the reply to its sending
    (Mail.DEFERRED, machine.mail_bounced): Mail.FAILED,
}
MAIL_EVENTS: tuple[Event, ...] = (
    machine.mail_sent,
    machine.mail_deferred,
    mail_failed,
    machine.mail_bounced,
)


@pytest.mark.parametrize(("state", "mail", "event"), [*product(State, Mail, EVENTS)])
def test_a_check_moves_as_drawn_and_no_other_way(state: State, mail: Mail, event: Event) -> None:
    check = CheckStatus(state, mail)
    if (state, event) in DRAWN:
        moved = event(check)
        assert moved.state is DRAWN[state, event]
        assert moved.mail is mail
    else:
        with pytest.raises(IllegalTransition):
            event(check)


@pytest.mark.parametrize(("state", "mail", "event"), [*product(State, Mail, MAIL_EVENTS)])
def test_mail_moves_as_drawn_and_no_other_way(state: State, mail: Mail, event: Event) -> None:
    check = CheckStatus(state, mail)
    if (mail, event) in MAIL_DRAWN:
        assert event(check).mail is MAIL_DRAWN[mail, event]
    else:
        with pytest.raises(IllegalTransition):
            event(check)


@pytest.mark.parametrize("state", State)
def test_failed_mail_ends_an_open_check_and_no_other(state: State) -> None:
    check = mail_failed(CheckStatus(state, Mail.QUEUED))
    if state in machine.OPEN:
        assert (check.state, check.failure_code) == (State.UNVERIFIED, FailureCode.SEND_REJECTED)
    else:
        assert (check.state, check.failure_code) == (state, None)


def test_the_third_lapse_loses_the_lease() -> None:
    check = CheckStatus(State.QUEUED, Mail.SENT)
    for attempt in (1, 2):
        check = machine.lapse(machine.lease(check))
        assert (check.state, check.attempts) == (State.QUEUED, attempt)
    check = machine.lapse(machine.lease(check))
    assert (check.state, check.attempts, check.failure_code) == (State.UNVERIFIED, 3, FailureCode.LEASE_LOST)


def test_a_lapse_after_a_refused_login_ends_the_check_at_once() -> None:
    check = machine.lapse(
        machine.lease(CheckStatus(State.QUEUED, Mail.SENT)), FailureCode.AUTH_ACCOUNT_LOCKED
    )
    told = (State.UNVERIFIED, 1, FailureCode.AUTH_ACCOUNT_LOCKED)
    assert (check.state, check.attempts, check.failure_code) == told


def test_a_hand_back_is_no_attempt() -> None:
    check = machine.hand_back(machine.lease(CheckStatus(State.QUEUED, Mail.SENT, attempts=2)))
    assert (check.state, check.attempts) == (State.QUEUED, 2)
