"""Asking the Director for work: a poll stands whenever there is room for a job."""

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from actor_agent.director_client import DirectorClient
from actor_agent.intervals import Intervals
from actor_agent.retry_policy import RetryPolicy, worth_asking_again
from actor_agent.slots import Slots
from actor_agent.waiting import Poll

if TYPE_CHECKING:
    from actor_agent.director_answers import Work
    from wire_contract.jobs import Control

HELD_AT_LEAST_SECONDS = 1.0
"""A Director (or a proxy) that answers "nothing" sooner than this would be asked in a tight loop."""


class Worker(Protocol):
    """Whoever does what a poll brought."""

    def begin(self, work: "Work") -> None:
        """Start on ``work`` without waiting for it."""


class PollLoop:
    """One long poll at a time; jobs that run don't hold it up, and it doesn't hold them up."""

    def __init__(
        self,
        client: DirectorClient,
        policy: RetryPolicy,
        slots: Slots,
        worker: Worker,
        intervals: Intervals,
        obey: "Callable[[Control], Awaitable[None]]",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._policy = policy
        self._slots = slots
        self._worker = worker
        self._intervals = intervals
        self._obey = obey
        self._monotonic = monotonic

    async def run(self) -> None:
        """Poll until cancelled.

        Raises:
            CredentialRefused: the Director does not know this Actor any more.
        """
        empty_in_a_row = 0
        while True:
            free = await self._slots.wait_for_free()
            asked_at = self._monotonic()
            request = Poll(capacity=free, wait_seconds=self._intervals.poll_seconds)
            work = await self._policy.persist(partial(self._client.poll, request), worth_asking_again)
            if work is not None:
                self._worker.begin(work)
                if work.control is not None:
                    await self._obey(work.control)
            if work is not None and (work.leases or work.unreadable):
                empty_in_a_row = 0
            elif self._monotonic() - asked_at < HELD_AT_LEAST_SECONDS:
                empty_in_a_row += 1
                await self._policy.pause(empty_in_a_row)
            else:
                empty_in_a_row = 0
