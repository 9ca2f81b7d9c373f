"""Checks leased and finished per second over HTTP on PostgreSQL, by one Director and by more.

The baseline is procrastinate's no-op jobs on the same PostgreSQL: fetched, run and marked as done by
one worker that runs as many at once as there are Actors here.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from uuid import UUID

import procrastinate

from benchmarks.cluster import Cluster, a_server, cluster
from benchmarks.measurement import Goal, Measurement, Scale, alternated
from benchmarks.plain_http import PlainConnection
from benchmarks.population import BenchActor, add_actors, add_checks, add_profiles
from director_api.database import Database
from tests.servers.postgres import Postgres

ACTORS = 16
_CAPACITY = 8
_STEPS = ("resolve", "connect", "tls", "greeting", "authenticate", "open_mailbox", "search", "found")
_DIAGNOSTICS = [{"step": step, "outcome": "ok", "milliseconds": 5} for step in _STEPS]


async def measure(scale: Scale) -> list[Measurement]:
    """Drain the same number of checks and of jobs in turn."""
    count = scale.of(800, 160)
    with a_server() as server:
        async with cluster(server) as there:
            actors = await add_actors(there, ACTORS)
            profiles = await add_profiles(there, actors, count)
            jobs, one, two, four = await alternated(
                scale.of(2, 1),
                lambda: no_op_jobs(server, count),
                lambda: checks_finished(there, actors, profiles, directors=1),
                lambda: checks_finished(there, actors, profiles, directors=2),
                lambda: checks_finished(there, actors, profiles, directors=4),
                warm_up=0,
            )
    rates = {"procrastinate": jobs, "directors_1": one, "directors_2": two, "directors_4": four}
    raw = {f"{side}_per_second": round(statistics.median(each), 1) for side, each in rates.items()}
    median = {side: statistics.median(each) for side, each in rates.items()}
    base = median["directors_1"]
    return [
        Measurement(
            "finish_rate_over_procrastinate", base / median["procrastinate"], Goal(2, at_least=True), raw
        ),
        Measurement("rate_2_processes_over_1", median["directors_2"] / base, None, raw),
        Measurement("rate_4_processes_over_1", median["directors_4"] / base, None, raw),
    ]


async def checks_finished(
    there: Cluster, actors: Sequence[BenchActor], profiles: list[UUID], *, directors: int
) -> float:
    """Let the Actors empty the queue of one check for each profile; return how many ended a second."""
    codes = await add_checks(there, list(actors), profiles)
    served = await asyncio.to_thread(there.start, directors)
    began = time.perf_counter()
    await asyncio.gather(
        *(_work(actor, served[number % directors].port, codes) for number, actor in enumerate(actors))
    )
    seconds = time.perf_counter() - began
    for each in served:
        await asyncio.to_thread(each.process.kill)
    await _all_verified(there, len(codes))
    return len(codes) / seconds


async def _work(actor: BenchActor, port: int, codes: dict[str, str]) -> None:
    connection = await PlainConnection.open(port, actor.credential)
    poll = {"capacity": _CAPACITY, "wait_seconds": 0.5}
    while answer := await connection.ask("POST", "/actor/leases", poll):
        for lease in answer["leases"]:
            result = {"code": codes[lease["check_id"]], "diagnostics": _DIAGNOSTICS}
            await connection.ask("POST", f"/actor/leases/{lease['id']}/result", result)
    connection.close()


async def _all_verified(there: Cluster, count: int) -> None:
    connection = await there.connection()
    open_checks = await connection.fetchval("SELECT count(*) FROM \"check\" WHERE state <> 'verified'")
    await connection.close()
    if open_checks:
        raise RuntimeError(f"{open_checks} of {count} checks are not verified")


async def no_op_jobs(server: Postgres, count: int) -> float:
    """Let one worker empty a queue of jobs that do nothing; return how many ended a second."""
    database = Database(await server.new_database())
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    await database.close()
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, max_size=ACTORS))

    @app.task  # type: ignore[untyped-decorator]  # because the library publishes no types to this checker
    async def nothing() -> None:
        pass

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await nothing.batch_defer_async(*({} for _ in range(count)))
        began = time.perf_counter()
        await app.run_worker_async(
            wait=False, concurrency=ACTORS, install_signal_handlers=False, delete_jobs="never"
        )
        return count / (time.perf_counter() - began)
