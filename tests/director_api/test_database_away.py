"""A PostgreSQL that only reads, has no room or falls silent: callers are told so, and it goes on by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import text

from director_api.app import create_app
from director_api.vault import SecretKey
from tests.director_api.conftest import RunningDirector, SteppedClock, client_for, prepared
from tests.servers.postgres import Postgres

BOUND = 15.0
AWAY = (503, "database_unavailable")
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
