"""Serving the application with uvicorn."""

import asyncio

import uvicorn

from director_api import startup
from director_api.app import create_app
from director_api.settings import Settings
from director_api.vault import SecretKey, open_vault

_STOP_SECONDS = 5


def serve(settings: Settings, keys: tuple[SecretKey, ...]) -> None:
    """Check that everything fits, then serve until a signal.

    Raises:
        SchemaError, VaultError: the database does not fit this code or these keys.
    """
    asyncio.run(_check(settings, keys))
    uvicorn.run(
        create_app(
            settings.database_url.get_secret_value(),
            keys,
            cors_origins=tuple(filter(None, (origin.strip() for origin in settings.cors_origins.split(",")))),
        ),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # A held poll is cut off at once: its Actor asks again.
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


async def _check(settings: Settings, keys: tuple[SecretKey, ...]) -> None:
    async with startup.opened(settings) as database:
        await open_vault(database, keys)
