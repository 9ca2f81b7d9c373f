"""Bringing the database's schema to the version of this code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

import migrations
from director_api.database import Database

_LOCK = "the schema of the Director"
"""What a migration holds on PostgreSQL; on SQLite a writer holds the whole database."""


class SchemaError(Exception):
    """The database's schema is not the one that this code needs."""


async def migrate(database: Database) -> None:
    """Apply every migration that the database lacks; of two that come at once, one waits for the other."""
    # One transaction around all of them, begun ahead of looking which are lacking: who comes second sees them.
    async with database.writer.begin() as connection:
        await connection.run_sync(_upgrade)


async def require_current(database: Database) -> None:
    """Refuse to work on an older or newer schema.

    Raises:
        SchemaError: ``director migrate`` is needed, or the code is older than the database.
    """
    async with database.engine.connect() as connection:
        present = await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if present != wanted:
        raise SchemaError(
            f"the database's schema is at {present or 'nothing'}, this Director needs {wanted}: run director migrate"
        )


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Before there is a table, nothing else can be waited for. It ends with the transaction.
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_LOCK, 0))))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return config
