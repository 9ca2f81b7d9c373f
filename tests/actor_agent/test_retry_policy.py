"""What is retried, and how long is waited."""

import logging

import pytest

from actor_agent.director_errors import (
    AnswerLost,
    AnswerUnreadable,
    CredentialRefused,
    DirectorError,
    DirectorRefused,
    NotConnected,
)
from actor_agent.reachability import Reachability
from actor_agent.retry_policy import RetryPolicy, worth_asking_again, worth_repeating
from tests.actor_agent.conftest import Pauses

REVOKED = CredentialRefused(401, "credential_revoked", "Revoked.")


def refused(status: int, retry_after: float | None = None) -> DirectorRefused:
    return DirectorRefused(status, None, "No.", retry_after)


@pytest.mark.parametrize(
    "error",
    [
        NotConnected("x"),
        AnswerLost("x"),
        AnswerUnreadable("x"),
        *map(refused, (408, 425, 429, 500, 502, 503, 504)),
    ],
)
def test_what_passes_is_repeated(error: DirectorError) -> None:
    assert worth_repeating(error)
    assert worth_asking_again(error)


@pytest.mark.parametrize("status", [307, 400, 403, 404, 409, 410, 413, 422])
def test_what_stays_refused_is_not_repeated_but_polling_goes_on(status: int) -> None:
    assert not worth_repeating(refused(status))
    assert worth_asking_again(refused(status))


def test_a_revoked_credential_ends_everything() -> None:
    assert not worth_repeating(REVOKED)
    assert not worth_asking_again(REVOKED)


class Call:
    """Fails with each of ``errors``, then succeeds."""

    def __init__(self, *errors: DirectorError) -> None:
        self.errors = list(errors)

    async def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


async def test_pauses_double_up_to_a_minute(policy: RetryPolicy, pauses: Pauses) -> None:
    assert await policy.persist(Call(*[NotConnected("x")] * 8)) == "answer"
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]


async def test_pauses_are_jittered_from_zero(pauses: Pauses) -> None:
    ranges: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        ranges.append((low, high))
        return low

    policy = RetryPolicy(Reachability(), sleep=pauses.sleep, uniform=uniform)
    await policy.persist(Call(NotConnected("x"), NotConnected("x")))
    assert ranges == [(0, 2), (0, 4)]
    assert pauses == [0, 0]


async def test_retry_after_is_honoured_within_reason(policy: RetryPolicy, pauses: Pauses) -> None:
    await policy.persist(Call(refused(503, 30), refused(503, 86_400)))
    assert pauses == [2 + 30, 4 + 600]


async def test_a_caller_may_want_shorter_pauses(policy: RetryPolicy, pauses: Pauses) -> None:
    await policy.persist(Call(*[AnswerLost("x")] * 4), most_seconds=5)
    assert pauses == [2, 4, 5, 5]


async def test_what_is_not_repeatable_is_raised_at_once(policy: RetryPolicy, pauses: Pauses) -> None:
    with pytest.raises(DirectorRefused):
        await policy.persist(Call(refused(409)))
    assert pauses == []


async def test_an_outage_is_two_lines_in_the_log(
    policy: RetryPolicy, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "actor_agent"):
        await policy.persist(Call(NotConnected("Nobody listens."), NotConnected("Nobody listens.")))
    away, back = (record.getMessage() for record in caplog.records)
    assert away.startswith("Director away: Nobody listens.")
    assert back.startswith("Director back after")
