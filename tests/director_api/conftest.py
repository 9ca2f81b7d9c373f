"""A Director in this process, on a fresh SQLite file, with callers of each kind."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from director_api.access.roles import Role
from director_api.access.service import mint_api_token
from director_api.actor_protocol.work import work_at
from director_api.app import create_app
from director_api.clock import utc_now
from director_api.database import Database
from director_api.schema import migrate
from director_api.vault import SecretKey, open_vault
from director_api.verifications.models import Check
from director_api.verifications.sweep import Sweep
from tests.director_api.scripted_actor import ScriptedActor
from tests.servers.postgres import Postgres

BASE_URL = "http://director.test"


@dataclass
class SteppedClock:
    """The present moment, and as much later as a test says."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Return the moment that the Director takes for the present."""
        return utc_now() + self.ahead


@dataclass
class RunningDirector:
    """A Director that serves within the test, and clients for it."""

    app: FastAPI
    clients: dict[str, httpx.AsyncClient]
    clock: SteppedClock

    @property
    def admin(self) -> httpx.AsyncClient:
        """A caller with the role admin."""
        return self.clients["admin"]

    @property
    def operator(self) -> httpx.AsyncClient:
        """A caller with the role operator."""
        return self.clients["operator"]

    @property
    def viewer(self) -> httpx.AsyncClient:
        """A caller with the role viewer."""
        return self.clients["viewer"]

    @property
    def anonymous(self) -> httpx.AsyncClient:
        """A caller without a token."""
        return self.clients["anonymous"]

    async def enroll(self, name: str, zone_id: str | None = None) -> ScriptedActor:
        """Enroll an Actor that does what the test says."""
        minted = await self.admin.post("/enrollment-tokens", json={"security_zone_id": zone_id})
        return await ScriptedActor.enroll(self.anonymous, minted.json()["token"], name)

    async def zone(self, name: str) -> str:
        """Make a security zone and return its id."""
        zone_id: str = (await self.admin.post("/security-zones", json={"name": name})).json()["id"]
        return zone_id

    async def profile(self, *actors: ScriptedActor, **fields: Any) -> dict[str, Any]:
        """Make a profile for ``actors``."""
        answer = await self.operator.post("/email-profiles", json=profile_body(*actors, **fields))
        assert answer.status_code == 201, answer.text
        profile: dict[str, Any] = answer.json()
        return profile

    async def verify(self, profile: dict[str, Any]) -> dict[str, Any]:
        """Start a verification."""
        answer = await self.operator.post(f"/email-profiles/{profile['id']}/verify")
        assert answer.status_code == 202, answer.text
        run: dict[str, Any] = answer.json()
        return run

    async def pass_time(self, seconds: float) -> None:
        """Let time pass for the Director: its sweep looks, and its board of work is what the database says."""
        self.clock.ahead += timedelta(seconds=seconds)
        state = self.app.state
        while await Sweep(state.database, state.lifecycle).sweep():
            pass
        async with state.database.write() as session:
            # The Director's own sweep may have been faster: this waits for what it holds.
            due = select(Check.id).where(Check.deadline_at <= self.clock()).with_for_update()
            await session.execute(due)
            work = await work_at(session)
        state.board.refresh(work)

    async def verification(self, run: dict[str, Any], wait: float = 0) -> dict[str, Any]:
        """Read a verification."""
        answer = await self.viewer.get(f"/verifications/{run['id']}", params={"wait": wait})
        read: dict[str, Any] = answer.json()
        return read


def profile_body(*actors: ScriptedActor, **fields: Any) -> dict[str, Any]:
    """Return a valid profile, in manual mode so that no mail server is needed."""
    return {
        "server_type": "imap",
        "email_address": "box@example.test",
        "actor_ids": [actor.id for actor in actors],
        "send_verification_manually": True,
        "account": {"username": "box", "password": "s3cret-of-the-box"},
        "incoming": {"host": "imap.example.test"},
        **fields,
    }


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the present schema, to be copied: every migration takes a quarter of a second."""
    file = tmp_path_factory.mktemp("schema") / "director.db"

    async def make() -> None:
        database = Database(f"sqlite+aiosqlite:///{file}")
        await migrate(database)
        await database.close()

    asyncio.run(make())
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(
    request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path
) -> AsyncIterator[str]:
    """An empty database of each kind, with the present schema."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{shutil.copy(migrated_file, tmp_path)}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = await postgres.new_database()
    yield url
    await postgres.drop(url)


@pytest.fixture
async def director(database_url: str) -> AsyncIterator[RunningDirector]:
    """A running Director with a token of each role, on each kind of database."""
    keys = (SecretKey.generate(),)
    tokens = await prepared(database_url, keys)
    clock = SteppedClock()
    app = create_app(database_url, keys, clock)
    async with app.router.lifespan_context(app):
        clients = {name: client_for(app, token) for name, token in tokens.items()}
        clients["anonymous"] = client_for(app, None)
        yield RunningDirector(app, clients, clock)
        for client in clients.values():
            await client.aclose()


async def prepared(url: str, keys: tuple[SecretKey, ...]) -> dict[str, str]:
    database = Database(url)
    await migrate(database)
    vault = await open_vault(database, keys)
    async with database.write() as session:
        tokens = {
            role.value: (await mint_api_token(session, vault, name=f"{role} of the test", role=role))[1]
            for role in Role
        }
    await database.close()
    return tokens


def client_for(app: FastAPI, token: str | None) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL, headers=headers)
