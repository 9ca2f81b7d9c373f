"""Running the Director's loops beside the API, and keeping them running."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

log = logging.getLogger(__name__)
_RESTART_SECONDS = 1.0
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


async def _kept_running(loop: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await loop()
        except Exception:
            log.exception("a loop of the Director failed and begins again: %s", loop)
        await asyncio.sleep(_RESTART_SECONDS)
