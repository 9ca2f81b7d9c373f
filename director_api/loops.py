"""Running the Director's loops beside the API, and keeping them running."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

from director_api.clock import Clock
from director_api.wakeups import Alarm

log = logging.getLogger(__name__)
_RESTART_SECONDS = 1.0
_LEAST_SECONDS = 0.05
IDLE_SECONDS = 15.0
"""The slow poll of each loop: the safety net for what it was not told."""
T = TypeVar("T")


@asynccontextmanager
async def running(*loops: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run each loop until the block ends. A loop that fails is logged and begun again."""
    tasks = [asyncio.create_task(_kept_running(loop)) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def whole(work: Coroutine[Any, Any, T]) -> T:
    """Await ``work``; a cancellation waits for its end.

    A driver that is cancelled in the middle of a statement may keep SQLite's lock with it.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def seconds_until(at: datetime | None, now: datetime, *, least: float = 0.0) -> float:
    """Return how long a loop waits for what is due at ``at``: IDLE_SECONDS at most, ``least`` at least."""
    return IDLE_SECONDS if at is None else min(IDLE_SECONDS, max(least, (at - now).total_seconds()))


async def swept(
    sweep: Callable[[], Coroutine[Any, Any, int]],
    next_at: Callable[[], Awaitable[datetime | None]],
    alarm: Alarm,
    now: Clock,
) -> None:
    """Sweep until nothing is due, then rest: until ``next_at``, or an earlier moment that ``alarm`` is set to.

    It rests for 50 ms at least, since what is due may be in another's hands, and for 15 s at most.
    """
    alarm.clear()
    while await whole(sweep()):
        pass
    if (at := await next_at()) is not None:
        alarm.set(at)
    while await alarm.changed(seconds_until(alarm.at, now(), least=_LEAST_SECONDS)):
        pass


async def _kept_running(loop: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await loop()
        except Exception:
            log.exception("a loop of the Director failed and begins again: %s", loop)
        await asyncio.sleep(_RESTART_SECONDS)
