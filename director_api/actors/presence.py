"""Which Actors were heard of, kept in memory and written by one statement every 15 s."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.access.models import ApiToken
from director_api.actors.models import Actor
from director_api.among import among
from director_api.clock import Clock, utc_now
from director_api.database import Database
from director_api.events.log import EventType, emit

FLUSH_SECONDS = 15.0
MISSED_INTERVALS = 3


def offline_after(poll_seconds: int) -> timedelta:
    """Return how long an Actor that polls so often may be silent: three missed intervals of its own.

    Another Director learns of a poll when it is flushed, so none is shorter than that.
    """
    return timedelta(seconds=MISSED_INTERVALS * max(poll_seconds, FLUSH_SECONDS))


class Presence:
    """Last signs of life. An Actor whose poll is held counts as heard of all the time."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self.now = clock
        self._seen: dict[UUID, datetime] = {}
        self._polling: Counter[UUID] = Counter()
        self._unwritten: set[UUID] = set()

    def saw(self, actor_id: UUID) -> None:
        """An Actor called."""
        self._seen[actor_id] = self.now()
        self._unwritten.add(actor_id)

    @contextmanager
    def polling(self, actor_id: UUID) -> Iterator[None]:
        """An Actor's poll is held for the length of this block."""
        self.saw(actor_id)
        self._polling[actor_id] += 1
        try:
            yield
        finally:
            self._polling[actor_id] -= 1
            if self._polling[actor_id] <= 0:
                del self._polling[actor_id]
            self.saw(actor_id)

    @property
    def held_polls(self) -> int:
        """How many polls are held here at this moment."""
        return self._polling.total()

    def last_seen(self, actor_id: UUID, stored: datetime | None) -> datetime | None:
        """Return the later of what this process saw and what is ``stored``."""
        if actor_id in self._polling:
            return self.now()
        seen = self._seen.get(actor_id)
        if seen is None or stored is None:
            return seen or stored
        return max(seen, stored)

    def online(self, actor_id: UUID, stored: datetime | None, poll_seconds: int) -> bool:
        """Tell whether the Actor was heard of within three of its intervals."""
        seen = self.last_seen(actor_id, stored)
        return seen is not None and seen > self.now() - offline_after(poll_seconds)

    async def flush(self, database: Database, used_tokens: dict[UUID, datetime]) -> None:
        """Write who was heard of since the last time, and which API tokens were used."""
        seen = self._unwritten | set(self._polling)
        tokens = set(used_tokens)
        if not seen and not tokens:
            return
        now = self.now()
        async with database.write() as session:
            if seen:
                await session.execute(update(Actor).where(among(Actor.id, seen)).values(last_seen_at=now))
            if tokens:
                await session.execute(
                    update(ApiToken).where(among(ApiToken.id, tokens)).values(last_used_at=now)
                )
        self._unwritten.clear()
        used_tokens.clear()

    async def tell_changes(self, database: Database) -> None:
        """Tell which Actors came and which went. Of many Directors, the one that turns the flag tells."""
        async with database.write() as session:
            heard_of = await self._heard_of(session)
            for online, changed in (
                (True, Actor.told_online.is_(False) & heard_of),
                (False, Actor.told_online.is_(True) & ~heard_of),
            ):
                rows = await session.execute(
                    update(Actor).where(changed).values(told_online=online).returning(Actor.id, Actor.name)
                )
                event_type = EventType.ACTOR_ONLINE if online else EventType.ACTOR_OFFLINE
                for actor_id, name in rows:
                    emit(session, event_type, {"actor_id": str(actor_id), "name": name})

    async def _heard_of(self, session: AsyncSession) -> ColumnElement[bool]:
        # Intervals are few, and date arithmetic over a column differs between databases.
        intervals = await session.scalars(select(Actor.poll_seconds).distinct())
        return and_(
            Actor.stopped.is_(False),
            or_(
                false(),
                *(
                    and_(
                        Actor.poll_seconds == seconds,
                        Actor.last_seen_at > self.now() - offline_after(seconds),
                    )
                    for seconds in intervals
                ),
            ),
        )
