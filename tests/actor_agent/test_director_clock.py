"""The Director's clock is followed by its answers and an unchangeable count of seconds."""

from datetime import UTC, datetime

import pytest

from actor_agent.director_clock import DirectorClock


def test_it_goes_on_between_answers() -> None:
    seconds = iter([100.0, 130.0])
    clock = DirectorClock(monotonic=lambda: next(seconds))
    clock.observe("Tue, 24 Nov 2026 12:00:00 GMT")
    assert clock.now() == datetime(2026, 11, 24, 12, 0, 30, tzinfo=UTC)


def test_it_does_not_guess() -> None:
    with pytest.raises(LookupError):
        DirectorClock().now()


@pytest.mark.parametrize("date", ["", "noon", "Tue, 24 Nov 2026 12:00:00 -0000"])
def test_it_refuses_what_is_no_moment(date: str) -> None:
    with pytest.raises(ValueError, match=r"date|Invalid"):
        DirectorClock().observe(date)
