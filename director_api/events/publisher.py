"""Giving events their place in the order, so that whoever resumes after one misses none.

Transactions become visible in another order than that in which they made their rows, so neither a
sequence nor a time can be what a listener resumes after: a row could appear behind it. Here a row is
committed without a position. A publisher then locks the one row of :class:`EventFeedState`, gives the
next positions to what it sees, and commits. The lock is held until that commit, so the next publisher
sees every position before its own: positions become visible in order, without gaps that fill later.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import Clock, utc_now
from director_api.database import Database, signal
from director_api.events.models import Event, EventFeedState
from director_api.loops import IDLE_SECONDS, Removal, rest, whole
from director_api.wakeups import EVENTS, FEED, Wakeups

log = logging.getLogger(__name__)
RETENTION = timedelta(hours=72)
KEPT_AT_MOST = 500_000
_AT_ONCE = 500
_PACE_SECONDS = 0.05
PURGED_AT_ONCE = 5_000


FanOut = Callable[[AsyncSession, Sequence[Event]], Awaitable[None]]
"""What else happens with events in the transaction that publishes them."""


async def _to_nobody(_session: AsyncSession, _events: Sequence[Event]) -> None:
    pass


class Publisher:
    """Publishes what was committed here; the slow poll finds what a Director left that died."""

    def __init__(
        self, database: Database, wakeups: Wakeups, clock: Clock = utc_now, fan_out: FanOut = _to_nobody
    ) -> None:
        self._database = database
        self._fan_out = fan_out
        self._wakeups = wakeups
        self._clock = clock

    async def run(self) -> None:
        """Publish until cancelled."""
        old = Removal(self.purge, PURGED_AT_ONCE, self._clock)
        with self._wakeups.on(EVENTS) as waiter:
            while True:
                more = await whole(self.publish()) == _AT_ONCE
                if await old.if_due() or more:
                    continue
                if await rest(waiter.wait(IDLE_SECONDS)):
                    # What comes in a rush is published together: each round locks the feed's row. And an
                    # Actor that is woken by what the event tells has its answer first.
                    await asyncio.sleep(_PACE_SECONDS)

    async def publish(self) -> int:
        """Give positions to events that have none. Returns how many there were."""
        async with self._database.read() as session:
            if await session.scalar(select(Event.id).where(Event.position.is_(None)).limit(1)) is None:
                return 0
        async with self._database.write() as session:
            feed = await _locked_feed(session)
            rows = await session.scalars(
                select(Event)
                .where(Event.position.is_(None))
                .order_by(Event.made, Event.id)  # ids carry the clock of the Director that made them
                .limit(_AT_ONCE)
            )
            events = rows.all()
            for event in events:
                feed.last_position += 1
                event.position = feed.last_position
            await self._fan_out(session, events)
            signal(session, FEED, everywhere=True)
        return len(events)

    async def purge(self) -> int:
        """Take away some of what is older than :data:`RETENTION` or more than :data:`KEPT_AT_MOST`.

        Returns how many positions went.
        """
        async with self._database.read() as session:
            upto = await self._expired_upto(session)
        if upto is None:
            return 0
        async with self._database.write() as session:
            feed = await _locked_feed(session)
            count = min(upto - feed.purged_position, PURGED_AT_ONCE)
            if count > 0:
                feed.purged_position += count
                await session.execute(delete(Event).where(Event.position <= feed.purged_position))
        return max(0, count)

    async def _expired_upto(self, session: AsyncSession) -> int | None:
        expired = await session.scalar(
            select(Event.position)
            .where(Event.created_at < self._clock() - RETENTION, Event.position.is_not(None))
            .order_by(Event.created_at.desc())  # by its index; for the highest position all would be read
            .limit(1)
        )
        feed = await session.get_one(EventFeedState, 1)
        surplus = feed.last_position - KEPT_AT_MOST
        upto = max(expired or 0, surplus)
        return upto if upto > feed.purged_position else None


async def _locked_feed(session: AsyncSession) -> EventFeedState:
    return await session.get_one(EventFeedState, 1, with_for_update=True)
