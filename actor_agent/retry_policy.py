"""What is retried, and how long is waited before: the only file that decides either."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from actor_agent.director_errors import CredentialRefused, DirectorError, DirectorRefused
from actor_agent.reachability import Reachability

FIRST_SECONDS = 1.0
MOST_SECONDS = 60.0
MOST_RETRY_AFTER_SECONDS = 600.0
"""A Retry-After beyond this is a mistake somewhere: work may wait, but not for a day."""

_PASSING_STATUSES = frozenset({408, 425, 429})

Answer = TypeVar("Answer")
Repeatable = Callable[[DirectorError], bool]


def worth_repeating(error: DirectorError) -> bool:
    """Tell whether the same request may yet be accepted: the Director is away or has a passing trouble."""
    if isinstance(error, DirectorRefused):
        return error.status in _PASSING_STATUSES or error.status >= 500
    return True


def worth_asking_again(error: DirectorError) -> bool:
    """Tell whether to go on polling: always, until the Director says that this is none of its Actors.

    A wrong route or a proxy's 403 is mended by people on the other side, without a word to the Actor.
    """
    return not isinstance(error, CredentialRefused)


class RetryPolicy:
    """Exponential backoff with full jitter, so that a thousand Actors don't come back at once."""

    def __init__(
        self,
        reachability: Reachability,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._reachability = reachability
        self._sleep = sleep
        self._uniform = uniform

    async def persist(
        self,
        call: Callable[[], Awaitable[Answer]],
        repeatable: Repeatable = worth_repeating,
        most_seconds: float = MOST_SECONDS,
    ) -> Answer:
        """Await ``call()`` until it succeeds, with pauses of at most ``most_seconds`` in between.

        Raises:
            DirectorError: the first error that ``repeatable`` does not accept.
        """
        failures = 0
        while True:
            try:
                answer = await call()
            except DirectorError as error:
                if not repeatable(error):
                    self._reachability.answered()
                    raise
                self._reachability.failed(error)
                failures += 1
                await self.pause(failures, error, most_seconds)
            else:
                self._reachability.answered()
                return answer

    async def pause(
        self, failures: int, error: DirectorError | None = None, most_seconds: float = MOST_SECONDS
    ) -> None:
        """Wait before the next try, after ``failures`` in a row; at least what the Director asked for."""
        jittered = self._uniform(0, min(most_seconds, FIRST_SECONDS * 2 ** min(failures, 16)))
        asked = error.retry_after if isinstance(error, DirectorRefused) else None
        await self._sleep(jittered + min(asked or 0, MOST_RETRY_AFTER_SECONDS))
