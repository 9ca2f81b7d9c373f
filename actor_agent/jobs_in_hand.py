"""All that this Actor holds at the moment."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING

from actor_agent.director_client import DirectorClient
from actor_agent.director_errors import CredentialRefused, DirectorRefused
from actor_agent.retry_policy import RetryPolicy
from actor_agent.slots import Slots

if TYPE_CHECKING:
    from uuid import UUID

    from actor_agent.director_answers import Work
    from actor_agent.held_job import HeldJob
    from wire_contract.jobs import Lease

logger = logging.getLogger(__name__)


class JobsInHand:
    """Starts a task for each lease and frees its slot when the task ends.

    ``make_job`` is called first when the first lease comes.
    """

    def __init__(
        self,
        client: DirectorClient,
        policy: RetryPolicy,
        slots: Slots,
        make_job: "Callable[[Lease], HeldJob]",
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._client = client
        self._policy = policy
        self._slots = slots
        self._make_job = make_job
        self._group = tasks
        self._jobs: set[HeldJob] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: "Work") -> None:
        """Start on what a poll brought."""
        for lease in work.leases:
            self._start(self._keep(lease) if self._slots.take() else self._refuse(lease))
        for lease_id in work.unreadable:
            self._start(self._unsupported(lease_id))

    async def hand_back_all(self, seconds: float) -> None:
        """Give all jobs back, and let results that are being reported arrive, within ``seconds``."""
        for job in self._jobs:
            job.stop()
        if not self._tasks:
            return
        _done, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            logger.warning("%d jobs could not be handed back in time; their leases will lapse", len(late))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self, lease: "Lease") -> None:
        job = self._make_job(lease)
        self._jobs.add(job)
        try:
            await job.keep()
        finally:
            self._jobs.discard(job)
            self._slots.give_back()

    async def _refuse(self, lease: "Lease") -> None:
        from wire_contract.results import LeaseUpdate  # noqa: PLC0415  # brings pydantic: see waiting

        logger.error("Job %s: handed back: the Director gave more than was asked for", lease.id)
        await self._last_word(
            lease.id, partial(self._client.hand_back, lease.id, LeaseUpdate(hand_back=True))
        )

    async def _unsupported(self, lease_id: "UUID") -> None:
        from wire_contract.failure_codes import FailureCode  # noqa: PLC0415  # goes with the next
        from wire_contract.results import Result  # noqa: PLC0415  # brings pydantic: see waiting

        logger.warning("Job %s: refused: this version of the Actor does not understand it", lease_id)
        result = Result(failure_code=FailureCode.UNSUPPORTED_JOB)
        await self._last_word(lease_id, partial(self._client.report, lease_id, result))

    async def _last_word(self, lease_id: "UUID", call: Callable[[], Coroutine[None, None, object]]) -> None:
        try:
            await self._policy.persist(call)
        except CredentialRefused:
            raise
        except DirectorRefused as error:
            logger.warning("Job %s: %s", lease_id, error)
