"""One live page's stream of server-sent events (WHATWG HTML, section 9.2)."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from director_api.events.feed import EventFeed, Published
from director_api.wakeups import CALLERS, FED, Wakeups

HEARTBEAT_SECONDS = 15.0
_RETRY_MILLISECONDS = 2000
_HEARTBEAT = ": still here\n\n"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a stream shows: from after which position, of which types, of which profile, for how long."""

    after: int | None
    types: frozenset[str]
    profile_id: UUID | None
    seconds: float | None

    def shows(self, event: Published) -> bool:
        """Tell whether the stream shows ``event``."""
        return (not self.types or event.type in self.types) and self.profile_id in (None, event.profile_id)


async def stream(
    feed: EventFeed, wakeups: Wakeups, wanted: Wanted, may_go_on: Callable[[], Awaitable[bool]]
) -> AsyncIterator[str]:
    """Yield what was missed, then what happens; nothing of the database is held while it waits.

    The stream ends when the caller's token does, when the Director stops, or when its time is over.
    """
    loop = asyncio.get_running_loop()
    end = None if wanted.seconds is None else loop.time() + wanted.seconds
    yield f"retry: {_RETRY_MILLISECONDS}\n\n"
    with wakeups.on(FED, CALLERS) as waiter:
        extent = await feed.extent()
        position = extent.last if wanted.after is None else wanted.after
        if not extent.can_resume_after(position):
            position = extent.last
            yield _reset(position)
        while await may_go_on() and not feed.closed:
            events = await feed.after(position)
            if events and events[0].position > position + 1:
                yield _reset(events[0].position - 1)
            for event in events:
                position = event.position
                if wanted.shows(event):
                    yield _event(event)
            if events:
                continue
            if end is not None and loop.time() >= end:
                return
            left = HEARTBEAT_SECONDS if end is None else min(HEARTBEAT_SECONDS, end - loop.time())
            if not await waiter.wait(left):
                yield _HEARTBEAT


def _event(event: Published) -> str:
    body = {
        "id": str(event.id),
        "type": event.type,
        "created_at": event.created_at.isoformat(),
        "data": event.data,
    }
    return f"id: {event.position}\nevent: {event.type}\ndata: {json.dumps(body)}\n\n"


def _reset(position: int) -> str:
    body = {"type": "reset", "detail": "What happened meanwhile is no longer kept: read the lists anew."}
    return f"id: {position}\nevent: reset\ndata: {json.dumps(body)}\n\n"
