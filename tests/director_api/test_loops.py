"""Which loops still turn, and how one ends."""

import asyncio
import time
from dataclasses import dataclass

import pytest

from director_api import loops
from tests.director_api.conftest import RunningDirector


@dataclass
class Hands:
    """The time, as a test says."""

    at: float = 0.0

    def __call__(self) -> float:
        """Return the seconds that passed."""
        return self.at


async def test_a_loop_that_hangs_or_fails_is_named_and_one_that_waits_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loops, "_RESTART_SECONDS", 0.0)
    hands, failed, turned, may_turn = Hands(), asyncio.Event(), asyncio.Event(), asyncio.Event()
    turns = loops.Turns(hands)

    async def rests() -> None:
        await loops.rest(asyncio.Event().wait())

    async def hangs() -> None:
        await loops.whole(may_turn.wait())
        turned.set()
        await asyncio.Event().wait()

    async def fails() -> None:
        failed.set()
        raise ValueError

    async with loops.running(turns, {"rests": rests, "hangs": hangs, "fails": fails}):
        await failed.wait()
        assert turns.late() == []
        hands.at = loops.LATE_SECONDS + 1
        assert turns.late() == ["hangs", "fails"]
        may_turn.set()
        await turned.wait()
        assert turns.late() == ["fails"]


async def test_a_director_with_a_loop_that_stands_still_is_not_ready(director: RunningDirector) -> None:
    assert (await director.anonymous.get("/health/ready")).status_code == 200
    state = director.app.state
    state.turns = loops.Turns(hands := Hands())
    state.turns.of("publisher")
    hands.at = loops.LATE_SECONDS + 1
    answer = await director.anonymous.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "director_stalled")
    assert "publisher" in answer.json()["detail"]
    assert (await director.anonymous.get("/health/live")).status_code == 200


async def test_work_that_never_ends_holds_up_the_end_for_a_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loops, "_END_SECONDS", 0.1)
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(loops.whole(work()))
    await begun.wait()
    task.cancel()
    at = time.monotonic()
    await asyncio.wait({task}, timeout=5)
    assert task.cancelled()
    assert time.monotonic() - at >= 0.1, "work that could end is waited for"


async def test_every_loop_of_a_director_turns(director: RunningDirector) -> None:
    turns = director.app.state.turns
    async with asyncio.timeout(15):
        while any(turn.seconds_at_work for turn in turns._of.values()):
            await director.anonymous.get("/health/ready")  # which lets the loops come to their rest
    assert {"publisher", "outbox", "sweep", "webhooks"} <= turns._of.keys()
