"""A PostgreSQL that only reads, has no room or falls silent: callers are told so, and it goes on by itself."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import httpx
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import create_async_engine

from director_api import loops
from director_api.app import create_app
from director_api.database import Database, DatabaseUnavailable
from director_api.events.log import EventType, emit
from director_api.vault import SecretKey
from tests.director_api.conftest import RunningDirector, SteppedClock, client_for, prepared
from tests.servers.postgres import Postgres

BOUND = 15.0
AWAY = (503, "database_unavailable")
by_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can stop another user's process: run the tests as root"
)
_FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""


def said(answer: httpx.Response) -> tuple[int, str | None]:
    """Return what an answer says."""
    return answer.status_code, answer.json().get("code")


@asynccontextmanager
async def on(url: str) -> AsyncIterator[RunningDirector]:
    """Run a Director on the database."""
    keys = (SecretKey.generate(),)
    tokens = await prepared(url, keys)
    app = create_app(url, keys)
    async with app.router.lifespan_context(app):
        clients = {name: client_for(app, token) for name, token in tokens.items()}
        yield RunningDirector(app, clients, SteppedClock())
        for client in clients.values():
            await client.aclose()


async def zone_made(director: RunningDirector) -> None:
    """Return once a zone can be made; a connection of before may be in the pool still."""
    async with asyncio.timeout(BOUND):
        while (await director.admin.post("/security-zones", json={"name": "again"})).status_code != 201:
            pass


@pytest.fixture
async def director(postgres: Postgres) -> AsyncIterator[RunningDirector]:
    """A Director on PostgreSQL."""
    async with on(await postgres.new_database()) as running:
        yield running


def name_of(director: RunningDirector) -> str:
    """Return the name of the Director's database."""
    return str(director.app.state.database.engine.url.database)


async def reads_only(postgres: Postgres, director: RunningDirector, *, only: bool) -> None:
    """Let new connections only read, or no longer; those that there are stay as they are."""
    name = name_of(director)
    setting = "SET default_transaction_read_only = on" if only else "RESET default_transaction_read_only"
    await postgres._execute(f"ALTER DATABASE {name} {setting}")


async def test_a_server_that_only_reads_is_no_database_to_work_with(
    postgres: Postgres, director: RunningDirector
) -> None:
    await reads_only(postgres, director, only=True)
    every = f"FROM pg_stat_activity WHERE datname = '{name_of(director)}'"
    await postgres._execute(f"SELECT pg_terminate_backend(pid) {every}")  # as a failover does
    zone = {"name": "dmz"}
    assert said(await director.admin.get("/health/ready")) == AWAY
    assert said(await director.admin.post("/security-zones", json=zone)) == AWAY
    assert (await director.admin.get("/security-zones")).status_code == 200, "it still reads"
    await reads_only(postgres, director, only=False)
    await zone_made(director)
    async with asyncio.timeout(BOUND):
        while (await director.admin.get("/health/ready")).status_code != 200:
            pass


async def test_a_full_disk_is_said_and_is_no_defect(director: RunningDirector) -> None:
    async with director.app.state.database.write() as session:
        await session.execute(text(_FULL))
        trigger = "TRIGGER t BEFORE INSERT ON security_zone FOR EACH ROW EXECUTE FUNCTION full_disk()"
        await session.execute(text(f"CREATE {trigger}"))
    assert said(await director.admin.post("/security-zones", json={"name": "dmz"})) == AWAY


async def test_a_statement_that_takes_too_long_is_given_up_with_its_connection(postgres: Postgres) -> None:
    database = Database(await postgres.new_database(), command_seconds=0.2)
    process = text("SELECT pg_backend_pid()")
    async with database.read() as session:
        before = await session.scalar(process)
        with pytest.raises(DatabaseUnavailable):
            await session.execute(text("SELECT pg_sleep(60)"))
    async with database.read() as session:
        assert await session.scalar(process) != before
    await database.close()


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a Director wait for nothing for long."""
    monkeypatch.setattr("director_api.app.COMMAND_SECONDS", 0.5)
    monkeypatch.setattr("director_api.app._LAST_SECONDS", 0.2)
    monkeypatch.setattr("director_api.database._CLOSE_SECONDS", 0.2)
    for name in ("_END_SECONDS", "_RESTART_SECONDS"):
        monkeypatch.setattr(loops, name, 0.2)


@asynccontextmanager
async def silenced(postgres: Postgres, director: RunningDirector) -> AsyncIterator[None]:
    """Let every connection that the Director has fall silent, without breaking, for the length of the block."""
    engine = create_async_engine(postgres._url("postgres"))
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE datname = :name"), {"name": name_of(director)}
        )
        processes = list(rows.scalars())
    await engine.dispose()
    assert processes
    try:
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        yield
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


@by_root
@pytest.mark.usefixtures("impatience")
async def test_connections_that_fall_silent_stop_nothing_for_good(
    postgres: Postgres, director: RunningDirector
) -> None:
    state = director.app.state
    async with silenced(postgres, director), asyncio.timeout(BOUND):
        state.wakeups.tell_everyone()
        await zone_made(director)
        async with state.database.write() as session:
            emit(session, EventType.CONSENT_REQUIRED, {"profile_id": None})
        while not (
            await state.feed.extent()
        ).last:  # until the publisher has lost its connection and come back
            pass
        assert (await director.admin.get("/health/ready")).status_code == 200


@by_root
@pytest.mark.usefixtures("impatience")
async def test_a_director_whose_database_is_silent_ends_when_it_is_told_to(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("director_api.app.COMMAND_SECONDS", 600.0)
    url, asked = await postgres.new_database(), asyncio.Event()
    async with AsyncExitStack() as stack, asyncio.timeout(BOUND), on(url) as director:
        await stack.enter_async_context(silenced(postgres, director))
        engine = director.app.state.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *_: asked.set())
        director.app.state.wakeups.tell_everyone()
        await asked.wait()
