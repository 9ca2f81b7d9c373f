"""Keeping one lease: a renewal now and then, and after each step, since people watch them live."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from actor_agent.director_client import DirectorClient
from actor_agent.director_errors import CredentialRefused, DirectorRefused
from actor_agent.mail import SearchWindow
from actor_agent.retry_policy import RetryPolicy
from mail_transport.journal import Journal
from wire_contract.results import LeaseRenewed, LeaseState, LeaseUpdate

logger = logging.getLogger(__name__)


class Renewal:
    """Renews a lease every ``seconds`` and after each change; never two renewals at once.

    What happens during a renewal goes with the next one, so a quick succession of steps costs two.
    """

    def __init__(self, client: DirectorClient, policy: RetryPolicy, lease_id: UUID, seconds: float) -> None:
        self._client = client
        self._policy = policy
        self._lease_id = lease_id
        self._seconds = seconds
        self._changed = asyncio.Event()
        self.journal = Journal(self._changed.set)
        self.window = SearchWindow()

    async def run(self, end: Callable[[], object]) -> None:
        """Renew until cancelled, or until the lease is no more; then call ``end``.

        Raises:
            CredentialRefused: the Director does not know this Actor any more.
        """
        while True:
            await self._due()
            try:
                answer = await self._policy.persist(self._renew_once, most_seconds=self._seconds / 2)
            except CredentialRefused:
                raise
            except DirectorRefused as error:
                logger.warning("Job %s: lease lost, dropped: %s", self._lease_id, error)
                break
            if answer.state is LeaseState.CANCELLED:
                logger.info("Job %s: cancelled", self._lease_id)
                break
            self.window.close_after(answer.search_seconds_left)
        end()

    async def _due(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds):
                await self._changed.wait()

    async def _renew_once(self) -> LeaseRenewed:
        # Cleared before the journal is read: what happens from here on asks for another renewal.
        self._changed.clear()
        update = LeaseUpdate(progress=self.journal.steps, searches=self.journal.searches)
        return await self._client.renew(self._lease_id, update)
