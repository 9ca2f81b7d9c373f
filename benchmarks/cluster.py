"""PostgreSQL and any number of Directors on it, as processes, for the benchmarks that need no mail."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from director_api.access.roles import Role
from director_api.access.service import mint_api_token
from director_api.database import Database
from director_api.vault import SecretKey, Vault, open_vault
from tests.end_to_end.processes import BIN, READY, Process
from tests.servers.folders import server_folder
from tests.servers.ports import free_ports
from tests.servers.postgres import Postgres


@dataclass(frozen=True)
class Served:
    """A process that serves HTTP."""

    port: int
    process: Process


@dataclass
class Cluster:
    """A database with a token of an admin, and the Directors that serve it."""

    database_url: str
    database: Database
    vault: Vault
    token: str
    key: SecretKey
    served: list[Served] = field(default_factory=list)

    @property
    def plain_url(self) -> str:
        """The database's URL as bare drivers take it."""
        url = make_url(self.database_url).set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    def start(self, directors: int = 1) -> list[Served]:
        """Start Directors and wait until they serve. The limit of requests a second is off."""
        started = []
        for port in free_ports(directors):
            environment = {
                "DIRECTOR_DATABASE_URL": self.database_url,
                "DIRECTOR_SECRET_KEYS": self.key.line(),
                "DIRECTOR_PORT": str(port),
                "DIRECTOR_REQUESTS_PER_SECOND": "0",
            }
            started.append(Served(port, Process([str(BIN / "director"), "serve"], environment)))
        for each in started:
            each.process.wait_for(READY)
        self.served += started
        return started

    async def connection(self) -> Any:
        """Open a bare connection to the database."""
        return await asyncpg.connect(self.plain_url)

    async def execute(self, *statements: str) -> None:
        """Run statements on a bare connection, each by itself."""
        connection = await self.connection()
        try:
            for statement in statements:
                await connection.execute(statement, timeout=900)
        finally:
            await connection.close()


@contextmanager
def a_server() -> Iterator[Postgres]:
    """Start a PostgreSQL of its own, with the settings that it comes with."""
    with server_folder() as folder, Postgres(folder) as server:
        yield server


@asynccontextmanager
async def cluster(server: Postgres) -> AsyncIterator[Cluster]:
    """Make a database on ``server``; its Directors end with the block."""
    url, key = await server.new_database(), SecretKey.generate()
    database = Database(url)
    vault = await open_vault(database, (key,))
    async with database.write() as session:
        _, token = await mint_api_token(session, vault, name="bench", role=Role.ADMIN)
    made = Cluster(url, database, vault, token, key)
    try:
        yield made
    finally:
        for each in made.served:
            await asyncio.to_thread(each.process.kill)
        await database.close()


@contextmanager
def bare_server(application: str, environment: dict[str, str] | None = None) -> Iterator[Served]:
    """Serve ``application`` by uvicorn, set up as a Director's is."""
    port = free_ports(1)[0]
    options = ["--port", str(port), "--no-access-log", "--no-server-header", "--log-level", "info"]
    process = Process([str(BIN / "uvicorn"), application, *options], {**os.environ, **(environment or {})})
    try:
        process.wait_for(READY)
        yield Served(port, process)
    finally:
        process.kill()
