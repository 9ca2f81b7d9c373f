"""The newest published events, in memory: any number of live pages costs one read of the database."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from director_api.database import Database
from director_api.events.models import Event, EventFeedState
from director_api.loops import IDLE_SECONDS, rest, whole
from director_api.wakeups import FED, FEED, Wakeups, verification_topic

_KEPT = 1000
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Published:
    """An event with its place in the order."""

    position: int
    id: UUID
    type: str
    profile_id: UUID | None
    data: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Extent:
    """Which positions there are: those after ``purged``, up to ``last``."""

    purged: int
    last: int

    def can_resume_after(self, position: int) -> bool:
        """Tell whether everything after ``position`` is still there."""
        return self.purged <= position <= self.last


class EventFeed:
    """Reads what was published, once, and gives it to whoever follows.

    A follower has no queue here, only a position: one that reads slowly costs nothing and reads older
    events from the database.
    """

    def __init__(self, database: Database, wakeups: Wakeups) -> None:
        self._database = database
        self._wakeups = wakeups
        self._newest: deque[Published] = deque(maxlen=_KEPT)
        self._last: int | None = None
        self.closed = False

    async def run(self) -> None:
        """Read until cancelled."""
        with self._wakeups.on(FEED) as waiter:
            while True:
                while await whole(self.read()) == _AT_ONCE:
                    pass
                await rest(waiter.wait(IDLE_SECONDS))

    def close(self) -> None:
        """Let every follower go: the Director stops."""
        self.closed = True
        self._wakeups.tell(FED)

    async def extent(self) -> Extent:
        """Return which positions there are."""
        async with self._database.read() as session:
            state = await session.get_one(EventFeedState, 1)
            return Extent(state.purged_position, state.last_position)

    async def after(self, position: int) -> Sequence[Published]:
        """Return the first events after ``position``, at most 200."""
        if self._last is not None and position >= self._last:
            return ()
        if self._newest and self._newest[0].position <= position + 1:
            return [event for event in self._newest if event.position > position][:_AT_ONCE]
        return await self._stored(position)

    async def read(self) -> int:
        """Read what is new, and tell who follows. Returns how many events there were."""
        if self._last is None:
            self._last = (await self.extent()).last
        events = await self._stored(self._last)
        for event in events:
            self._newest.append(event)
            self._last = event.position
            if (run := event.data.get("verification_id")) is not None:
                self._wakeups.tell(verification_topic(run))
        if events:
            self._wakeups.tell(FED)
        return len(events)

    async def _stored(self, position: int) -> list[Published]:
        async with self._database.read() as session:
            rows = await session.scalars(
                select(Event).where(Event.position > position).order_by(Event.position).limit(_AT_ONCE)
            )
            return [_published(row) for row in rows]


def _published(row: Event) -> Published:
    assert row.position is not None  # noqa: S101  # because only published rows are asked for
    return Published(row.position, row.id, row.type, row.profile_id, row.data, row.created_at)
