"""A poll stands whenever there is room, asks for as much as there is room for, and never spins."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from actor_agent.director_answers import Work
from actor_agent.director_client import DirectorClient
from actor_agent.director_errors import CredentialRefused
from actor_agent.intervals import Intervals
from actor_agent.poll_loop import PollLoop
from actor_agent.retry_policy import RetryPolicy
from actor_agent.slots import Slots
from tests.actor_agent.conftest import Pauses
from tests.actor_agent.director import FakeDirector, lease, problem
from wire_contract.jobs import Control

CAPACITY = 2


class Hands:
    """Takes a slot for each lease and keeps it."""

    def __init__(self, slots: Slots) -> None:
        self.slots = slots
        self.taken: list[str] = []
        self.full = asyncio.Event()
        self.controls: list[Control] = []

    def begin(self, work: Work) -> None:
        for given in work.leases:
            assert self.slots.take()
            self.taken.append(str(given.id))
        if len(self.taken) == CAPACITY:
            self.full.set()

    async def obey(self, control: Control) -> None:
        """Take note of what the Director asks of the Actor itself."""
        self.controls.append(control)


@asynccontextmanager
async def running(loop: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(loop())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def slots() -> Slots:
    return Slots(CAPACITY)


@pytest.fixture
def hands(slots: Slots) -> Hands:
    return Hands(slots)


@pytest.fixture
def loop(client: DirectorClient, policy: RetryPolicy, slots: Slots, hands: Hands) -> PollLoop:
    return PollLoop(client, policy, slots, hands, Intervals(60, 20), hands.obey)


def standing(director: FakeDirector) -> list[int]:
    return [poll.capacity for poll in director.standing_polls]


async def test_it_asks_for_what_there_is_room_for(
    director: FakeDirector, loop: PollLoop, hands: Hands, slots: Slots
) -> None:
    first, second = lease(), lease()
    async with running(loop.run):
        await director.until(lambda: standing(director) == [2])
        await director.give(first)
        await director.until(lambda: standing(director) == [1])
        await director.give(second)
        await hands.full.wait()
        assert hands.taken == [first["id"], second["id"]]
        await no_free_slot(slots)
        assert standing(director) == []
        slots.give_back()
        await director.until(lambda: standing(director) == [1])


async def no_free_slot(slots: Slots) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await slots.wait_for_free()


async def test_an_empty_answer_that_comes_too_soon_is_not_asked_for_again_at_once(
    director: FakeDirector, loop: PollLoop, pauses: Pauses
) -> None:
    director.answer_next("poll", Response(status_code=204), JSONResponse({"leases": []}))
    async with running(loop.run):
        await director.until(lambda: standing(director) == [2])
        assert pauses == [2, 4]


async def test_a_poll_that_was_held_is_asked_again_at_once(
    director: FakeDirector,
    client: DirectorClient,
    policy: RetryPolicy,
    slots: Slots,
    hands: Hands,
    pauses: Pauses,
) -> None:
    an_hour_each_time = iter(range(0, 3600 * 100, 3600))
    loop = PollLoop(
        client, policy, slots, hands, Intervals(60, 20), hands.obey, monotonic=lambda: next(an_hour_each_time)
    )
    director.answer_next("poll", Response(status_code=204), Response(status_code=204))
    async with running(loop.run):
        await director.until(lambda: standing(director) == [2])
        assert pauses == []


async def test_it_goes_on_when_the_director_comes_back(
    director: FakeDirector, loop: PollLoop, hands: Hands, pauses: Pauses
) -> None:
    given = lease()
    async with running(loop.run):
        await director.until(lambda: standing(director) == [2])
        await director.stop()
        await until_paused(pauses)
        await director.start()
        await director.give(given)
        await director.until(lambda: standing(director) == [1])
        assert hands.taken == [given["id"]]


async def until_paused(pauses: Pauses) -> None:
    while not pauses:  # noqa: ASYNC110  # each turn lets the loop under test go on
        await asyncio.sleep(0)


async def test_errors_that_people_mend_do_not_end_it(
    director: FakeDirector, loop: PollLoop, pauses: Pauses
) -> None:
    director.answer_next(
        "poll", problem(404, "not_found", "No such route."), problem(403, "blocked", "Blocked.")
    )
    async with running(loop.run):
        await director.until(lambda: standing(director) == [2])
        assert pauses == [2, 4]


async def test_a_revocation_ends_a_held_poll(director: FakeDirector, loop: PollLoop) -> None:
    async with running(loop.run) as task:
        await director.until(lambda: standing(director) == [2])
        await director.revoke_all()
        with pytest.raises(CredentialRefused, match="revoked"):
            await task
