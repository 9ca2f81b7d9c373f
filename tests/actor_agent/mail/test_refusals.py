"""What a server refused is remembered for as long as it helps, and no longer."""

from dataclasses import replace

import pytest

from actor_agent.mail.refusals import KEPT_SECONDS, Login, Refusals
from wire_contract.failure_codes import FailureCode

LOGIN = Login("mail.example.test", 465, "x", "abcdefgh")
WRONG = FailureCode.AUTH_INVALID_CREDENTIALS


class Clock:
    """Stands still until it is set."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_refusal_is_recalled_for_its_own_login_alone() -> None:
    refusals = Refusals()
    refusals.remember(LOGIN, WRONG)
    assert refusals.recall(LOGIN) is WRONG
    assert refusals.recall(replace(LOGIN, locator="otherone")) is None
    refusals.forget(LOGIN)
    assert refusals.recall(LOGIN) is None


def test_an_hour_later_it_may_be_tried_again() -> None:
    clock = Clock()
    refusals = Refusals(clock)
    refusals.remember(LOGIN, WRONG)
    clock.now = KEPT_SECONDS
    assert refusals.recall(LOGIN) is WRONG
    clock.now += 1
    assert refusals.recall(LOGIN) is None


@pytest.mark.parametrize(
    "code", [FailureCode.AUTH_TEMPORARILY_UNAVAILABLE, FailureCode.REPLY_TIMED_OUT, FailureCode.TCP_REFUSED]
)
def test_what_time_may_mend_is_tried_again(code: FailureCode) -> None:
    refusals = Refusals()
    refusals.remember(LOGIN, code)
    assert refusals.recall(LOGIN) is None


def test_the_oldest_make_room() -> None:
    refusals = Refusals()
    for port in range(1, 1000):
        refusals.remember(replace(LOGIN, port=port), WRONG)
    assert refusals.recall(replace(LOGIN, port=1)) is None
    assert refusals.recall(replace(LOGIN, port=999)) is WRONG
    assert len(refusals._refused) <= 256
