"""Waking those who wait, within one process: a topic is told, and whoever waits on it looks again."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID


class Waiter:
    """One who waits. What is told between two waits is not lost."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def wake(self) -> None:
        """End the present wait, or the next one at once."""
        self._event.set()

    async def wait(self, seconds: float | None) -> bool:
        """Wait until woken, at most ``seconds``. Returns whether it was woken."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Alarm:
    """The next moment at which a loop has something to do. Setting one that is later wakes nobody."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._waiter = Waiter()

    @property
    def at(self) -> datetime | None:
        """The earliest moment that was set since the alarm was cleared."""
        return self._at

    def clear(self) -> None:
        """Forget what was set: the loop looks for itself. What is set from here on is kept."""
        self._at = None

    def set(self, at: datetime) -> None:
        """Let the loop look at ``at`` at the latest."""
        if self._at is None or at < self._at:
            self._at = at
            self._waiter.wake()

    async def changed(self, seconds: float) -> bool:
        """Wait until an earlier moment is set, at most ``seconds``. Returns whether one was."""
        return await self._waiter.wait(seconds)


class Wakeups:
    """The topics of this process and who waits on each."""

    def __init__(self) -> None:
        self._waiters: defaultdict[str, set[Waiter]] = defaultdict(set)

    @contextmanager
    def on(self, *topics: str) -> Iterator[Waiter]:
        """Wait on any of ``topics`` from here on. Look for the state after this, not before."""
        waiter = Waiter()
        for topic in topics:
            self._waiters[topic].add(waiter)
        try:
            yield waiter
        finally:
            for topic in topics:
                self._waiters[topic].discard(waiter)
                if not self._waiters[topic]:
                    del self._waiters[topic]

    def tell(self, topic: str) -> None:
        """Wake everyone who waits on ``topic``."""
        for waiter in tuple(self._waiters.get(topic, ())):
            waiter.wake()

    def tell_everyone(self) -> None:
        """Wake all: what was told meanwhile may have been lost."""
        for topic in tuple(self._waiters):
            self.tell(topic)


OUTBOX = "outbox"
EVENTS = "events"
"""An event was committed and waits to be published."""
FEED = "feed"
"""Events were published."""
FED = "fed"
"""This process has read what was published."""
CALLERS = "callers"
"""A credential of a person or a script was revoked."""
CREDENTIAL = "credential"
WORK = "work"
WEBHOOKS = "webhooks"
"""A delivery to a webhook was put by."""


def work_signal(actor_id: UUID, at: datetime) -> str:
    """The signal that an Actor may have work from ``at`` on."""
    return f"{WORK} {actor_id} {at.isoformat()}"


def credential_signal(actor_id: UUID) -> str:
    """The signal that an Actor's credential is no longer what it was."""
    return f"{CREDENTIAL} {actor_id}"


def verification_topic(verification_id: object) -> str:
    """The topic of one verification: something about it changed."""
    return f"verification:{verification_id}"


def job_run_topic(run_id: object) -> str:
    """The topic of one run of jobs: something about it changed."""
    return f"job_run:{run_id}"
