"""From `verify` at one Director to the lease at an Actor held by another, over a bare NOTIFY round trip."""

import asyncio
import statistics
import time
from typing import Any
from uuid import UUID

from benchmarks.cluster import Cluster, Served, a_server, cluster
from benchmarks.measurement import Goal, Measurement, Scale, alternated, spread
from benchmarks.plain_http import PlainConnection
from benchmarks.population import BenchActor, add_actors, add_profiles

_HELD_SECONDS = 0.05
"""What a poll is given to arrive before the other Director is asked; not measured."""


async def measure(scale: Scale) -> list[Measurement]:
    """Measure both in turn on the same PostgreSQL."""
    with a_server() as server:
        async with cluster(server) as there:
            actors = await add_actors(there, 1)
            profiles = await add_profiles(there, actors, 1, send_verification_manually=True)
            asked, holding = await asyncio.to_thread(there.start, 2)
            notices = await _Notices.open(there)
            pair = _Pair(there, asked, holding, actors[0], profiles[0])
            await pair.open()
            woken, bare = await alternated(scale.of(300, 20), pair.woken, notices.round_trip, warm_up=10)
            await notices.close()
    return [
        Measurement(
            "wake_over_notify",
            statistics.median(woken) / statistics.median(bare),
            Goal(20),
            spread("wake", woken) | spread("notify", bare) | _p99("wake", woken) | _p99("notify", bare),
        )
    ]


class _Pair:
    """A person at one Director and an Actor at another."""

    def __init__(
        self, there: Cluster, asked: Served, holding: Served, actor: BenchActor, profile_id: UUID
    ) -> None:
        self._there = there
        self._asked, self._holding = asked, holding
        self._actor, self._profile_id = actor, profile_id

    async def open(self) -> None:
        self._person = await PlainConnection.open(self._asked.port, self._there.token)
        self._poll = await PlainConnection.open(self._holding.port, self._actor.credential)

    async def woken(self) -> float:
        """Verify, and return the seconds until the lease was there; the verification is cancelled afterwards."""
        self._poll.send("POST", "/actor/leases", {"capacity": 1, "wait_seconds": 30})
        await asyncio.sleep(_HELD_SECONDS)
        began = time.perf_counter()
        self._person.send("POST", f"/email-profiles/{self._profile_id}/verify")
        status, _ = await self._poll.answer()
        seconds = time.perf_counter() - began
        if status != 200:
            raise RuntimeError(f"the poll was answered by {status}")
        _, run = await self._person.answer()
        await self._person.ask("POST", f"/verifications/{_id_of(run)}/cancel")
        return seconds


class _Notices:
    """LISTEN on one connection and NOTIFY on another, as a Director has them."""

    def __init__(self, sender: Any, listener: Any) -> None:
        self._sender, self._listener = sender, listener
        self._heard = asyncio.Event()

    @classmethod
    async def open(cls, there: Cluster) -> "_Notices":
        notices = cls(await there.connection(), await there.connection())
        await notices._listener.add_listener("bench", lambda *_: notices._heard.set())
        return notices

    async def round_trip(self) -> float:
        """Return the seconds from NOTIFY to the notice."""
        self._heard.clear()
        began = time.perf_counter()
        await self._sender.execute("NOTIFY bench, 'work'")
        await self._heard.wait()
        return time.perf_counter() - began

    async def close(self) -> None:
        await self._sender.close()
        await self._listener.close()


def _id_of(run: bytes) -> str:
    return run.partition(b'"id":"')[2][:36].decode()


def _p99(name: str, seconds: list[float]) -> dict[str, float]:
    return {f"{name}_ms_p99": round(sorted(seconds)[len(seconds) * 99 // 100] * 1000, 3)}
