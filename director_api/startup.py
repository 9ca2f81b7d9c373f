"""What happens before the Director serves: keys, schema, and a clear sentence when one is not right."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from director_api.database import Database
from director_api.schema import migrate, require_current
from director_api.settings import Settings, SettingsError
from director_api.vault import SecretKey, parse_secret_keys


def secret_keys(settings: Settings) -> tuple[tuple[SecretKey, ...], str | None]:
    """Return the secret keys, and a notice where a key file was made.

    Raises:
        SettingsError: there are none, and the database is a server, so none can be made beside it.
        VaultError: they are malformed.
    """
    if settings.secret_keys is not None:
        return parse_secret_keys(settings.secret_keys.get_secret_value()), None
    path = _key_file(settings)
    if path is None:
        raise SettingsError(
            "DIRECTOR_SECRET_KEYS (or DIRECTOR_SECRET_KEYS_FILE) is needed with a database server; "
            "make a key with: director keys generate"
        )
    notice = None if path.exists() else _make_key_file(path)
    return parse_secret_keys(path.read_text(encoding="utf-8")), notice


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the database with the schema of this code. SQLite is migrated, a server is only checked.

    Raises:
        SchemaError: a server's schema is not current.
    """
    database = Database(settings.database_url.get_secret_value(), pooled=settings.listen_url is not None)
    try:
        if database.is_sqlite:
            await migrate(database)
        else:
            await require_current(database)
        yield database
    finally:
        await database.close()


def _key_file(settings: Settings) -> Path | None:
    database = settings.sqlite_path
    return None if database is None else database.with_name(database.name + ".keys")


def _make_key_file(path: Path) -> str | None:
    """Make the file whole or not at all: of two commands that start at once, one makes it and both read it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(SecretKey.generate().line() + "\n")
        os.link(draft, path)
    except FileExistsError:
        return None
    finally:
        draft.unlink()
    return f"made {path}: it opens the secrets in the database; keep a copy of it apart from the database"
