"""`GET /email-profiles?limit=50` on PostgreSQL: over a bare handler, and with many rows over few."""

import asyncio
import statistics
import time

from benchmarks.bare_servers import APPLICATION, DATABASE_URL
from benchmarks.cluster import a_server, bare_server, cluster
from benchmarks.measurement import Goal, Measurement, Scale, alternated
from benchmarks.old_rows import CHECKS_EACH, add_old
from benchmarks.plain_http import PlainConnection
from benchmarks.population import add_actors, add_profiles

_PATH = "/email-profiles?limit=50"
_CONNECTIONS = 16
_FEW = 100


async def measure(scale: Scale) -> list[Measurement]:
    """Measure the three in turn: the bare handler reads the same large database."""
    profiles = scale.of(100_000, 2_000)
    seconds = scale.of(5, 1)
    with a_server() as server:
        async with cluster(server) as large, cluster(server) as small:
            await add_profiles(small, await add_actors(small, _FEW), _FEW)
            actors = await add_actors(large, _FEW)
            await add_old(large, actors, profiles=profiles, checks=profiles * CHECKS_EACH)
            ports = [(await asyncio.to_thread(there.start))[0].port for there in (large, small)]
            with bare_server(APPLICATION, {DATABASE_URL: large.plain_url}) as bare:
                ours, few, raw = await alternated(
                    scale.of(4, 1),
                    lambda: rate(ports[0], large.token, seconds),
                    lambda: rate(ports[1], small.token, seconds),
                    lambda: rate(bare.port, "", seconds),
                )
    medians = {
        name: statistics.median(each) for name, each in (("large", ours), ("small", few), ("bare", raw))
    }
    figures = {f"{name}_requests_per_second": round(each, 1) for name, each in medians.items()}
    stored = {"profiles_large": profiles, "checks_large": profiles * CHECKS_EACH, "profiles_small": _FEW}
    return [
        Measurement(
            "list_rate_over_raw",
            medians["large"] / medians["bare"],
            Goal(0.7, at_least=True),
            figures | stored,
        ),
        Measurement(
            "list_rate_large_over_small",
            medians["large"] / medians["small"],
            Goal(0.9, at_least=True),
            figures | stored,
        ),
    ]


async def rate(port: int, token: str, seconds: float) -> float:
    """Return how many pages a second a server gives to some connections that ask without a pause."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    answered = 0

    async def ask() -> None:
        nonlocal answered
        connection = await PlainConnection.open(port, token)
        while loop.time() < end:
            connection.send("GET", _PATH)
            status, content = await connection.answer()
            if status != 200:
                raise RuntimeError(f"{_PATH}: {status} {content[:500]!r}")
            answered += 1
        connection.close()

    began = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(_CONNECTIONS)))
    return answered / (time.perf_counter() - began)
