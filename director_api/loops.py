"""Running the Director's loops beside the API, and keeping them running."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from director_api.clock import Clock
from director_api.wakeups import Alarm

log = logging.getLogger(__name__)
_RESTART_SECONDS = 1.0
_LEAST_SECONDS = 0.05
_REMOVED_EVERY = timedelta(minutes=1)
IDLE_SECONDS = 15.0
"""The slow poll of each loop: the safety net for what it was not told."""
LATE_SECONDS = 120.0
"""Longer than anything that a loop does in one go: a message is sent within 90 s, a statement ends in 30 s."""
_END_SECONDS = 10.0
"""How long a loop's work is waited for when it is cancelled."""
T = TypeVar("T")
Loop = Callable[[], Awaitable[None]]


class Turn:
    """Whether a loop still turns: it completed something lately, or rests, which it may do for long."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._at = now()
        self._rests = False

    @property
    def seconds_at_work(self) -> float:
        """Since when it has completed nothing; none while it rests."""
        return 0.0 if self._rests else self._now() - self._at

    def completed(self) -> None:
        """It has completed something."""
        self._at = self._now()

    async def rest(self, waiting: Awaitable[T]) -> T:
        """Await what it waits for while it has nothing to do."""
        self._rests = True
        try:
            return await waiting
        finally:
            self._rests = False
            self.completed()


class Turns:
    """The loops of this Director, and which of them stand still: at work, or failing, for too long."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._of: dict[str, Turn] = {}

    def of(self, name: str) -> Turn:
        """Return the turn of a loop that begins."""
        return self._of.setdefault(name, Turn(self._now))

    def late(self) -> list[str]:
        """Name the loops that stand still."""
        return [name for name, turn in self._of.items() if turn.seconds_at_work > LATE_SECONDS]


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


@asynccontextmanager
async def running(turns: Turns, loops: Mapping[str, Loop]) -> AsyncIterator[None]:
    """Run each loop until the block ends. A loop that fails is logged and begun again."""
    tasks = [asyncio.create_task(_kept_running(turns.of(name), loop)) for name, loop in loops.items()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def whole(work: Coroutine[Any, Any, T]) -> T:
    """Await ``work``, whose end is a turn of the loop; a cancellation waits for it, for a while.

    A driver that is cancelled in the middle of a statement may keep SQLite's lock with it.
    """
    task = asyncio.create_task(work)
    try:
        done = await asyncio.shield(task)
    except asyncio.CancelledError:
        _, hung = await asyncio.wait({task}, timeout=_END_SECONDS)
        for each in hung:
            each.cancel()
        raise
    if (turn := _turn.get()) is not None:
        turn.completed()
    return done


async def rest(waiting: Awaitable[T]) -> T:
    """Await what a loop waits for while it has nothing to do: it is in health meanwhile, however long."""
    turn = _turn.get()
    return await (waiting if turn is None else turn.rest(waiting))


async def pause(seconds: float) -> None:
    """Let a loop rest for so long."""
    await rest(asyncio.sleep(seconds))


class Removal:
    """Removes what is old, some at a time: once a minute by the clock, and at once again while there is more.

    A loop that is woken all the time must not wait for a quiet moment, which may never come.
    """

    def __init__(self, some: Callable[[], Coroutine[Any, Any, int]], at_once: int, now: Clock) -> None:
        self._some = some
        self._at_once = at_once
        self._now = now
        self._at = now()

    async def if_due(self) -> bool:
        """Remove some if it is time. Returns whether there are more."""
        if self._now() < self._at:
            return False
        if await whole(self._some()) >= self._at_once:
            return True
        self._at = self._now() + _REMOVED_EVERY
        return False


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
    while await rest(alarm.changed(seconds_until(alarm.at, now(), least=_LEAST_SECONDS))):
        pass


async def _kept_running(turn: Turn, loop: Loop) -> None:
    _turn.set(turn)
    while True:
        try:
            await loop()
        except Exception:
            log.exception("a loop of the Director failed and begins again: %s", loop)
        await asyncio.sleep(_RESTART_SECONDS)
