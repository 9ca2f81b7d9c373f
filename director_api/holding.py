"""Holding an answer until what it tells of has ended, with nothing of the database held meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from director_api.database import Database
from director_api.wakeups import Wakeups

T = TypeVar("T")


async def held(
    database: Database,
    wakeups: Wakeups,
    topic: str,
    read: Callable[[AsyncSession], Awaitable[T]],
    has_ended: Callable[[T], bool],
    seconds: float,
) -> T:
    """Read until it has ended, again whenever ``topic`` is told, for ``seconds`` at most; return the last reading."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    with wakeups.on(topic) as waiter:
        while True:
            async with database.read() as session:
                found = await read(session)
            if has_ended(found) or loop.time() >= end:
                return found
            await waiter.wait(end - loop.time())
