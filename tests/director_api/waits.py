"""Waiting until a transaction waits for a lock that another holds."""

import asyncio
from typing import Any

from sqlalchemy import text

from director_api.database import Database

_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
BOUND = 20.0


async def until_waiting(database: Database, transaction: asyncio.Future[Any], count: int = 1) -> None:
    """Return when ``count`` transactions of this PostgreSQL database wait, or ``transaction`` is done."""
    async with asyncio.timeout(BOUND), database.read() as session:
        while not transaction.done() and (await session.scalar(_WAITING) or 0) < count:
            pass
