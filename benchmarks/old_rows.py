"""Many old rows in a database, copied within PostgreSQL from a few that the product made.

Copied ids are small numbers, in the order of their making as real ones are. Old checks carry no
diagnostics: no index covers them, and ten million would fill the disk.
"""

from typing import Any

from benchmarks.cluster import Cluster
from benchmarks.population import BenchActor, add_checks, add_profiles

CHECKS_EACH = 5
"""Checks of one verification: so many Actors looked."""
_CHUNK = 500_000
_PROFILE_OF_N = "id_of(1 + ((n - 1) / {each}) % {profiles})"
_SETTINGS = (
    "SET session_replication_role = replica",  # no foreign keys are checked: the copies keep them
    "SET synchronous_commit = off",
    """CREATE FUNCTION id_of(n bigint) RETURNS uuid
    LANGUAGE sql IMMUTABLE RETURN lpad(to_hex(n), 32, '0')::uuid""",
)
_ROOM_FOR_LOADING = ("ALTER SYSTEM SET max_wal_size = '8GB'", "SELECT pg_reload_conf()")
_END_THE_FIRST = (
    """UPDATE "check" SET state = 'verified', proof = 'retrieved', ended_at = created_at, deadline_at = NULL""",
    "UPDATE verification SET state = 'finished', outcome = 'verified', finished_at = started_at",
)


async def add_old(there: Cluster, actors: list[BenchActor], *, profiles: int, checks: int) -> None:
    """Add profiles and ended checks of theirs, :data:`CHECKS_EACH` to a verification."""
    seeds = await add_profiles(there, actors, len(actors))
    await add_checks(there, actors, seeds[:1])
    await there.execute(*_ROOM_FOR_LOADING)
    connection = await there.connection()
    try:
        for statement in (*_SETTINGS, *_END_THE_FIRST):
            await connection.execute(statement)
        await _copy_profiles(connection, len(seeds), profiles)
        owner = _PROFILE_OF_N.format(each=1, profiles=profiles)
        await _copy_first(connection, "verification", {"profile_id": owner}, checks // CHECKS_EACH)
        owner = _PROFILE_OF_N.format(each=CHECKS_EACH, profiles=profiles)
        run = f"id_of(1 + (n - 1) / {CHECKS_EACH})"
        await _copy_first(connection, "check", {"profile_id": owner, "verification_id": run}, checks)
    finally:
        await connection.close()
    await there.execute("VACUUM ANALYZE", "CHECKPOINT")


async def _copy_profiles(connection: Any, seeds: int, profiles: int) -> None:
    await connection.execute(
        "CREATE TEMP TABLE copied AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM email_profile"
    )
    numbered = f"generate_series(1::bigint, {profiles}) n JOIN copied ON copied.place = n % {seeds}"
    for table, key in (
        ("email_profile", "id"),
        ("profile_actor", "profile_id"),
        ("profile_secret", "profile_id"),
    ):
        source = f'{numbered} JOIN "{table}" t ON t.{key} = copied.id'
        await _insert(connection, table, {key: "id_of(n)"}, source)


async def _copy_first(connection: Any, table: str, changed: dict[str, str], count: int) -> None:
    """Copy the only row of ``table``, a part at a time."""
    await connection.execute(f'CREATE TEMP TABLE first_{table} AS SELECT * FROM "{table}"')  # noqa: S608  # because the names are ours
    for first in range(1, count + 1, _CHUNK):
        last = min(count, first + _CHUNK - 1)
        source = f"generate_series({first}::bigint, {last}) n CROSS JOIN first_{table} t"
        await _insert(connection, table, {"id": "id_of(n)", **changed}, source)


async def _insert(connection: Any, table: str, changed: dict[str, str], source: str) -> None:
    rows = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position",
        table,
    )
    columns = [row["column_name"] for row in rows]
    values = ", ".join(changed.get(column, f't."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    statement = f'INSERT INTO "{table}" ({names}) SELECT {values} FROM {source}'  # noqa: S608  # because the names are ours
    await connection.execute(statement, timeout=600)
