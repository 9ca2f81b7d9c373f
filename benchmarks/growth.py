"""What a check costs beside ten million old ones, over what it costs in an empty database."""

import statistics

from benchmarks.cluster import a_server, cluster
from benchmarks.finish_rate import ACTORS, checks_finished
from benchmarks.measurement import Measurement, Scale, alternated
from benchmarks.old_rows import add_old
from benchmarks.population import add_actors, add_profiles

_PROFILES = 10_000


async def measure(scale: Scale) -> list[Measurement]:
    """Drain a queue in both databases in turn, by one Director; both stand on one PostgreSQL."""
    old, count = scale.of(10_000_000, 20_000), scale.of(400, 100)
    with a_server() as server:
        async with cluster(server) as empty, cluster(server) as full:
            few = await add_actors(empty, ACTORS)
            many = await add_actors(full, ACTORS)
            await add_old(full, many, profiles=min(_PROFILES, old // 10), checks=old)
            fresh = await add_profiles(empty, few, count)
            beside = await add_profiles(full, many, count)
            rates = await alternated(
                scale.of(3, 1),
                lambda: checks_finished(empty, few, fresh, directors=1),
                lambda: checks_finished(full, many, beside, directors=1),
            )
    empty_rate, full_rate = (statistics.median(each) for each in rates)
    return [
        Measurement(
            "cost_10m_rows_over_empty",
            empty_rate / full_rate,
            None,
            {
                "old_checks": old,
                "empty_ms_per_check": round(1000 / empty_rate, 3),
                "full_ms_per_check": round(1000 / full_rate, 3),
            },
        )
    ]
