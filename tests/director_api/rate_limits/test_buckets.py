"""A bucket gives what it holds, fills at its rate, and is forgotten only for room."""

import pytest

from director_api.rate_limits import buckets
from director_api.rate_limits.buckets import Buckets, RateLimit


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the present second."""
        return self.now


def test_a_burst_goes_through_and_then_the_rate() -> None:
    clock = Hands()
    filling = Buckets(RateLimit(per_second=2, burst=3), clock)
    assert [filling.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    clock.now += 0.25
    assert filling.take("a") == pytest.approx(0.25)
    clock.now += 0.25
    assert [filling.take("a"), filling.take("a")] == [0, 0.5]


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    clock = Hands()
    filling = Buckets(RateLimit(per_second=100, burst=2), clock)
    clock.now += 3600
    assert [filling.take("a") > 0 for _ in range(3)] == [False, False, True]


def test_a_refusal_costs_nothing() -> None:
    clock = Hands()
    filling = Buckets(RateLimit(per_second=0.1, burst=1), clock)
    filling.take("a")
    assert {filling.take("a") for _ in range(100)} == {10.0}


def test_each_name_has_its_own() -> None:
    filling = Buckets(RateLimit(per_second=1, burst=1), Hands())
    assert [filling.take("a"), filling.take("b")] == [0, 0]


def test_memory_is_bounded_and_the_newest_names_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "_AT_MOST", 3)
    filling = Buckets(RateLimit(per_second=1, burst=1), Hands())
    for name in "abcd":
        filling.take(name)
    assert list(filling._left) == ["b", "c", "d"]
    assert (filling.take("d") > 0, filling.take("a")) == (True, 0)
