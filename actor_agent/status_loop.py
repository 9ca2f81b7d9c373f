"""Telling the Director what this Actor is: at the start, when its network changes, now and then."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from actor_agent.director_client import DirectorClient
from actor_agent.interfaces import list_interfaces, outward_addresses
from actor_agent.retry_policy import RetryPolicy, worth_asking_again
from actor_agent.version import CAPABILITIES, VERSION
from actor_agent.waiting import Status

LOOK_SECONDS = 15.0
LOOKS_PER_REPORT = 20
"""Nothing new is still said every 5 minutes, so that a Director restored from a backup learns of it."""


def current_status() -> Status:
    """Return what this Actor is at the moment."""
    interfaces = list_interfaces()
    return Status(
        version=VERSION,
        capabilities=CAPABILITIES,
        interfaces=interfaces,
        addresses=outward_addresses(interfaces),
    )


class StatusLoop:
    """Reports the Actor's status. ``look`` finds it out, ``sleep`` waits between two looks."""

    def __init__(
        self,
        client: DirectorClient,
        policy: RetryPolicy,
        look: Callable[[], Status] = current_status,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client = client
        self._policy = policy
        self._look = look
        self._sleep = sleep

    async def run(self) -> None:
        """Report until cancelled.

        Raises:
            CredentialRefused: the Director does not know this Actor any more.
        """
        while True:
            status = self._look()
            await self._policy.persist(partial(self._client.put_status, status), worth_asking_again)
            await self._until_news(status)

    async def _until_news(self, told: Status) -> None:
        for _ in range(LOOKS_PER_REPORT):
            await self._sleep(LOOK_SECONDS)
            if self._look() != told:
                return
