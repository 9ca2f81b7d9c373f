"""The Actor as a whole: its loops, and how it comes to an end."""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from actor_agent.director_client import DirectorClient
from actor_agent.director_clock import DirectorClock
from actor_agent.director_errors import CredentialRefused, DirectorError
from actor_agent.intervals import Intervals
from actor_agent.jobs_in_hand import JobsInHand
from actor_agent.poll_loop import PollLoop
from actor_agent.reach import Reach
from actor_agent.retry_policy import RetryPolicy
from actor_agent.slots import Slots
from actor_agent.state import Enrollment, State
from actor_agent.status_loop import StatusLoop, current_status
from actor_agent.waiting import Status

if TYPE_CHECKING:
    from actor_agent.held_job import HeldJob
    from actor_agent.job_factory import JobFactory
    from wire_contract.jobs import Control, Lease

TELL_SECONDS = 2.0
HAND_BACK_SECONDS = 6.0
LAST_WORD_SECONDS = 1.0
"""With the 2 s before these and 1 s to leave, an Actor ends within 10 s of its signal."""

logger = logging.getLogger(__name__)


class Agent:
    """An enrolled Actor at work."""

    def __init__(
        self,
        state: State,
        enrollment: Enrollment,
        reach: Reach,
        capacity: int,
        client: DirectorClient,
        policy: RetryPolicy,
        clock: DirectorClock,
    ) -> None:
        self._state = state
        self._enrollment = enrollment
        self._intervals = Intervals(enrollment.poll_seconds, enrollment.renew_seconds)
        self._reach = reach
        self._slots = Slots(capacity)
        self._client = client
        self._policy = policy
        self._clock = clock
        self._stopping = asyncio.Event()
        self._factory: JobFactory | None = None

    def stop(self) -> None:
        """End in good order: take nothing new, hand back or finish what is held."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until ``stop``.

        Raises:
            CredentialRefused: the Director does not know this Actor any more.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                jobs = JobsInHand(self._client, self._policy, self._slots, self._make_job, tasks)
                status = StatusLoop(self._client, self._policy, self._status)
                poll = PollLoop(self._client, self._policy, self._slots, jobs, self._intervals, self._obey)
                loops = [tasks.create_task(loop.run()) for loop in (status, poll)]
                await self._stopping.wait()
                await self._drain(jobs, loops)
        except BaseExceptionGroup as group:
            refused = _first_refusal(group)
            if refused is None:
                raise
            raise refused from None

    async def _drain(self, jobs: JobsInHand, loops: list[asyncio.Task[None]]) -> None:
        logger.info("Stopping: taking nothing new, handing back what is held")
        # Told first, so that no lease is on its way when the poll is cut off.
        with suppress(DirectorError, TimeoutError):
            async with asyncio.timeout(TELL_SECONDS):
                await self._client.put_status(self._status(draining=True))
        for loop in loops:
            loop.cancel()
        await jobs.hand_back_all(HAND_BACK_SECONDS)
        with suppress(DirectorError, TimeoutError):
            async with asyncio.timeout(LAST_WORD_SECONDS):
                await self._client.put_status(self._status(draining=True, stopped=True))

    def _status(self, *, draining: bool = False, stopped: bool = False) -> Status:
        return current_status()._replace(
            draining=draining,
            stopped=stopped,
            paused=self._intervals.paused,
            poll_seconds=self._intervals.poll_seconds,
        )

    async def _obey(self, control: "Control") -> None:
        from actor_agent.obeying import Obeying  # noqa: PLC0415  # brings pydantic, which waiting does without

        obeying = Obeying(
            self._client, self._policy, self._intervals, self.stop, self._rotate, self._tell_status
        )
        await obeying.obey(control)

    async def _tell_status(self) -> None:
        await self._policy.persist(lambda: self._client.put_status(self._status()))

    async def _rotate(self) -> None:
        from actor_agent.rotating import rotate  # noqa: PLC0415  # brings cryptography, which run does without

        self._enrollment = await rotate(self._state, self._enrollment, self._client, self._policy)
        self._factory = None  # what comes next is sealed to the new key
        logger.info("The credential was rotated, as the Director asked")

    def _make_job(self, lease: "Lease") -> "HeldJob":
        if self._factory is None:
            from actor_agent.job_factory import (  # noqa: PLC0415  # an idle Actor stays small: see there
                JobFactory,
            )

            self._factory = JobFactory(
                self._enrollment, self._intervals, self._reach, self._client, self._policy, self._clock
            )
        return self._factory.job(lease)


def _first_refusal(group: BaseExceptionGroup[BaseException]) -> CredentialRefused | None:
    for error in group.exceptions:
        found = _first_refusal(error) if isinstance(error, BaseExceptionGroup) else error
        if isinstance(found, CredentialRefused):
            return found
    return None
