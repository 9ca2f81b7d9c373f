"""Which Actors may have work, in memory: a poll asks here and costs no database statement.

A mark says "look", never "there is": it may be wrong in that direction alone. Every change in the
database that gives an Actor work is followed by :meth:`WorkBoard.announce`; a slow refresh from the
database is the safety net.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from director_api.clock import Clock, utc_now
from director_api.wakeups import Waiter


class WorkBoard:
    """Marks of Actors with work, and the polls that wait for one."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._work_at: dict[UUID, datetime] = {}
        self._polls: defaultdict[UUID, set[Waiter]] = defaultdict(set)
        self._closed = False

    def close(self) -> None:
        """End every poll, and each that is still to come, at once: the Director stops."""
        self._closed = True
        for actor_id in tuple(self._polls):
            self.wake(actor_id)

    def announce(self, actor_id: UUID, at: datetime) -> None:
        """There may be work for this Actor from ``at`` on."""
        known = self._work_at.get(actor_id)
        if known is None or at < known:
            self._work_at[actor_id] = at
        self.wake(actor_id)

    def hasten(self, actor_id: UUID) -> None:
        """What waits for this Actor may go now: it gave a place free. Nothing happens where nothing waits."""
        if actor_id in self._work_at:
            self.announce(actor_id, self._clock())

    def refresh(self, work_at: Mapping[UUID, datetime]) -> None:
        """Announce what the database holds."""
        for actor_id, at in work_at.items():
            self.announce(actor_id, at)

    def wake(self, actor_id: UUID) -> None:
        """Let the Actor's polls look again."""
        for poll in tuple(self._polls.get(actor_id, ())):
            poll.wake()

    async def wait(self, actor_id: UUID, seconds: float) -> bool:
        """Wait until the Actor is woken or may have work. Returns false when the time is over.

        A mark that has come due is taken off: whoever was told looks, and announces what is left.
        """
        if not await self.rest(actor_id, seconds, Waiter()):
            return False
        if self._due_in(actor_id) == 0:
            del self._work_at[actor_id]
        return True

    async def rest(self, actor_id: UUID, seconds: float, poll: Waiter) -> bool:
        """Wait as :meth:`wait` does, by ``poll``, which others may wake too; the mark stays for who takes it."""
        self._polls[actor_id].add(poll)
        try:
            return self._due_in(actor_id) == 0 or await self._rest_until_due(actor_id, poll, seconds)
        finally:
            self._polls[actor_id].discard(poll)
            if not self._polls[actor_id]:
                del self._polls[actor_id]

    async def _rest_until_due(self, actor_id: UUID, poll: Waiter, seconds: float) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0 and not self._closed:
            due_in = self._due_in(actor_id)
            woken = await poll.wait(left if due_in is None else min(left, due_in))
            if self._closed:
                return False
            due_in = self._due_in(actor_id)
            if due_in == 0 or (woken and due_in is None):
                return True
        return False

    def _due_in(self, actor_id: UUID) -> float | None:
        at = self._work_at.get(actor_id)
        return None if at is None else max(0.0, (at - self._clock()).total_seconds())
