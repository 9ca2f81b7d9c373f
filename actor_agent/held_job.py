"""One job from its lease to its end: run it, keep the lease meanwhile, deliver what came of it."""

import asyncio
import logging
from datetime import timedelta
from functools import partial

from actor_agent.director_client import DirectorClient
from actor_agent.director_clock import DirectorClock
from actor_agent.director_errors import CredentialRefused, DirectorRefused
from actor_agent.renewal import Renewal
from actor_agent.retry_policy import RetryPolicy
from actor_agent.runner import HandBack, Runner
from wire_contract.jobs import LEASE_SECONDS, Lease
from wire_contract.results import LeaseUpdate, Result

logger = logging.getLogger(__name__)


class HeldJob:
    """A job that this Actor holds."""

    def __init__(
        self,
        lease: Lease,
        runner: Runner,
        renewal: Renewal,
        client: DirectorClient,
        policy: RetryPolicy,
        clock: DirectorClock,
    ) -> None:
        self._lease = lease
        self._runner = runner
        self._renewal = renewal
        self._client = client
        self._policy = policy
        self._clock = clock
        self._running: asyncio.Task[Result | HandBack] | None = None
        self._stopping = False

    async def keep(self) -> None:
        """Do the job and deliver its end; returns when nothing of it is left to do.

        Raises:
            CredentialRefused: the Director does not know this Actor any more.
        """
        logger.info("Job %s: taken (%s)", self._lease.id, self._lease.kind)
        outcome = HandBack(0) if self._stopping else await self._run()
        match outcome:
            case Result():
                await self._report(outcome)
            case HandBack():
                await self._hand_back(outcome)
            case None:
                pass  # the lease is gone, and with it whoever would listen

    def stop(self) -> None:
        """Give the job back soon, since the Actor is to end. A result that is there is still reported."""
        self._stopping = True
        if self._running is not None:
            self._running.cancel()

    async def _run(self) -> Result | HandBack | None:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(
                self._runner.run(self._lease, self._renewal.journal, self._renewal.window)
            )
            self._running = running
            renewing = tasks.create_task(self._renewal.run(end=running.cancel))
            await asyncio.wait({running})
            renewing.cancel()
        if not running.cancelled():
            return running.result()
        return HandBack(0) if self._stopping else None

    async def _report(self, result: Result) -> None:
        said = result.failure_code or ("code read" if result.code else "connected")
        try:
            recorded = await self._policy.persist(partial(self._client.report, self._lease.id, result))
        except CredentialRefused:
            raise
        except DirectorRefused as error:
            logger.warning("Job %s: result (%s) not accepted, dropped: %s", self._lease.id, said, error)
        else:
            logger.info("Job %s: result reported (%s), recorded as %s", self._lease.id, said, recorded.state)

    async def _hand_back(self, wish: HandBack) -> None:
        journal = self._renewal.journal
        update = LeaseUpdate(
            progress=journal.steps,
            searches=journal.searches,
            hand_back=True,
            look_again_at=self._clock.now() + timedelta(seconds=wish.after_seconds),
        )
        try:
            async with asyncio.timeout(LEASE_SECONDS):  # after that the lease has lapsed by itself
                await self._policy.persist(partial(self._client.hand_back, self._lease.id, update))
        except CredentialRefused:
            raise
        except DirectorRefused as error:
            logger.warning("Job %s: not handed back: %s", self._lease.id, error)
        except TimeoutError:
            logger.warning("Job %s: not handed back: the Director is away", self._lease.id)
        else:
            logger.info("Job %s: handed back for %.0f s", self._lease.id, wish.after_seconds)
