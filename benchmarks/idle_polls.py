"""Memory of an idle held poll over that of a bare Starlette handler that holds a request, at 10,000."""

import asyncio
import resource
from collections.abc import Awaitable, Callable
from typing import Any

import psutil

from benchmarks.bare_servers import APPLICATION
from benchmarks.cluster import Cluster, Served, a_server, bare_server, cluster
from benchmarks.measurement import Goal, Measurement, Scale
from benchmarks.plain_http import PlainConnection
from benchmarks.population import add_actors, add_profiles

_HOLD_SECONDS = 60
_OPENED_AT_ONCE = 50
_QUIET_SECONDS = 1.0
_QUIET_CPU = 0.05
_IDLE_SECONDS = 15
_REPORTED_SECONDS = 12
"""PostgreSQL's processes may keep what they counted to themselves for 10 s."""
_SPARE_DESCRIPTORS = 200


async def measure(scale: Scale) -> list[Measurement]:
    """Hold as many requests at a Director, whose Actors are all different, and at the bare handler."""
    count = scale.of(10_000, 300)
    _allow_descriptors(count + _SPARE_DESCRIPTORS)
    with a_server() as server:
        async with cluster(server) as there:
            actors = await add_actors(there, count)
            profiles = await add_profiles(there, actors[:1], 1, send_verification_manually=True)
            director = (await asyncio.to_thread(there.start))[0]
            tokens = [actor.credential for actor in actors]
            idle = _Idle(there, director, str(profiles[0]))
            ours = await held(director, tokens, idle.watched)
    with bare_server(APPLICATION) as bare:
        theirs = await held(bare, [""] * count, _nothing)
    return [
        Measurement(
            "idle_poll_memory_over_starlette",
            ours / theirs,
            Goal(1.3),
            {
                "held": count,
                "director_kib_each": round(ours / 1024, 2),
                "starlette_kib_each": round(theirs / 1024, 2),
                **idle.found,
            },
        )
    ]


async def held(
    served: Served, tokens: list[str], meanwhile: Callable[[list[PlainConnection]], Awaitable[None]]
) -> float:
    """Hold one request for each token. Returns the bytes that the server's memory grew by, for each.

    ``meanwhile`` is done while they are held, after the memory was read.
    """
    process = psutil.Process(served.process.pid)
    first = await _held_one(served.port, tokens[0], 0)
    await first.answer()
    await _quiet(process)
    before = process.memory_info().rss
    limit = asyncio.Semaphore(_OPENED_AT_ONCE)

    async def hold(token: str) -> PlainConnection:
        async with limit:
            return await _held_one(served.port, token, _HOLD_SECONDS)

    connections = list(await asyncio.gather(*(hold(token) for token in tokens)))
    await _quiet(process)
    grown = process.memory_info().rss - before
    await meanwhile(connections)
    for connection in connections:
        connection.close()
    first.close()
    return float(grown) / len(tokens)


class _Idle:
    """What else is true of a Director that holds idle polls."""

    def __init__(self, there: Cluster, director: Served, profile_id: str) -> None:
        self._there, self._director, self._profile_id = there, director, profile_id
        self.found: dict[str, float] = {}

    async def watched(self, connections: list[PlainConnection]) -> None:
        """Count the database's transactions while nothing happens; then let one Actor have work."""
        await asyncio.sleep(_REPORTED_SECONDS)
        before = await self._transactions()
        await asyncio.sleep(_IDLE_SECONDS)
        minutes = _IDLE_SECONDS / 60
        self.found["database_transactions_per_minute"] = round(
            (await self._transactions() - before) / minutes, 1
        )
        answers = [asyncio.ensure_future(connection.answer()) for connection in connections]
        person = await PlainConnection.open(self._director.port, self._there.token)
        await person.ask("POST", f"/email-profiles/{self._profile_id}/verify")
        status, _ = await answers[0]
        await asyncio.sleep(_QUIET_SECONDS)
        woken = [answer.result()[0] for answer in answers if answer.done()]
        if status != 200 or woken != [200]:
            raise RuntimeError(f"not one Actor alone was woken: {status}, {len(woken)} answers")
        self.found["woken_by_work_for_one"] = len(woken)
        for answer in answers:
            answer.cancel()
        await asyncio.gather(*answers, return_exceptions=True)
        person.close()

    async def _transactions(self) -> Any:
        connection = await self._there.connection()
        await connection.execute("SELECT pg_stat_clear_snapshot()")
        count = await connection.fetchval(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        )
        await connection.close()
        return count


async def _held_one(port: int, token: str, seconds: int) -> PlainConnection:
    connection = await PlainConnection.open(port, token)
    connection.send("POST", "/actor/leases", {"capacity": 1, "wait_seconds": seconds})
    return connection


async def _quiet(process: psutil.Process) -> None:
    """Wait until the process has nothing to do: it has read all that was sent."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _HOLD_SECONDS / 2
    while loop.time() < end:
        used = sum(process.cpu_times()[:2])
        await asyncio.sleep(_QUIET_SECONDS)
        if sum(process.cpu_times()[:2]) - used < _QUIET_CPU:
            return
    raise RuntimeError("the server did not come to rest")


async def _nothing(_: list[PlainConnection]) -> None:
    pass


def _allow_descriptors(count: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < count:
        raise RuntimeError(f"{count} open files are needed and {most} allowed: raise `ulimit -Hn`")
    soft = count if most == resource.RLIM_INFINITY else most
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))
