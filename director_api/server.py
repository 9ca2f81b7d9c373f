"""Serving the application with uvicorn."""

import asyncio
import gc
import logging
import resource
from types import FrameType

import uvicorn
from fastapi import FastAPI

from director_api import startup
from director_api.actor_protocol.board import WorkBoard
from director_api.app import create_app
from director_api.events.feed import EventFeed
from director_api.google_consent.google import GoogleEndpoints
from director_api.rate_limits.buckets import RateLimit
from director_api.settings import Settings
from director_api.vault import SecretKey, open_vault

log = logging.getLogger(__name__)
_STOP_SECONDS = 5
_AMPLE_DESCRIPTORS = 10_240
_OWN_DESCRIPTORS = 64
"""The database's connections, the loop's own, logs."""
_COLLECT_AFTER = (50_000, 20, 50)


def serve(settings: Settings, keys: tuple[SecretKey, ...]) -> None:
    """Check that everything fits, then serve until a signal.

    Raises:
        SchemaError, VaultError: the database does not fit this code or these keys.
    """
    asyncio.run(_check(settings, keys))
    app = create_app(
        settings.database_url.get_secret_value(),
        keys,
        max_body_bytes=settings.max_body_bytes,
        rate_limit=_rate_limit(settings),
        limits=settings.limits,
        oidc=settings.oidc,
        listen_url=None if settings.listen_url is None else settings.listen_url.get_secret_value(),
        cors_origins=tuple(filter(None, (origin.strip() for origin in settings.cors_origins.split(",")))),
        public_url=settings.public_url,
        console_files=settings.console_files,
        kept=settings.kept,
        google=GoogleEndpoints(settings.google_authorize_url, settings.google_token_url, settings.way_out),
        clouds=settings.clouds,
    )
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    _warn_of_few_descriptors()
    _settle_garbage()
    _Server(config, app).run()


def _warn_of_few_descriptors() -> None:
    """Say how many Actors can be held: each idle poll holds one file descriptor."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _AMPLE_DESCRIPTORS:
        return
    log.warning(
        "this process may open %d files, which holds about %d Actors and live pages: raise it with "
        "`ulimit -n` or LimitNOFILE= (allowed: %s)",
        soft,
        max(0, soft - _OWN_DESCRIPTORS),
        "any number" if hard == resource.RLIM_INFINITY else hard,
    )


def _settle_garbage() -> None:
    """Leave what was loaded out of every collection, and collect less often: requests wait less."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def _rate_limit(settings: Settings) -> RateLimit | None:
    per_second = settings.requests_per_second
    return RateLimit(per_second, settings.request_burst) if per_second else None


class _Server(uvicorn.Server):
    """A server whose signal to stop ends what is held first: Actors and live pages ask again, elsewhere or later."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        for part in ("board", "feed"):
            held: WorkBoard | EventFeed | None = getattr(self._app.state, part, None)
            if held is not None:
                asyncio.get_running_loop().call_soon_threadsafe(held.close)
        super().handle_exit(sig, frame)


async def _check(settings: Settings, keys: tuple[SecretKey, ...]) -> None:
    async with startup.opened(settings) as database:
        await open_vault(database, keys)
