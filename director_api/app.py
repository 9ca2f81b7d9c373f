"""The Director's application: the one place where its parts are put together."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from director_api import console, loops, openapi, problems
from director_api.access.callers import Callers
from director_api.access.endpoints import router as api_tokens
from director_api.actor_protocol.board import WorkBoard
from director_api.actor_protocol.endpoints import router as actor_protocol
from director_api.actor_protocol.held_polls import HeldPolls
from director_api.actor_protocol.results import Results
from director_api.actor_protocol.roster import Roster
from director_api.actors.endpoints import router as actors
from director_api.actors.presence import Presence
from director_api.audit.endpoints import router as audit_log
from director_api.body_limit import DEFAULT_MAX_BODY_BYTES, BodyLimit
from director_api.bounces.watching import BounceWatch
from director_api.clock import Clock, utc_now
from director_api.connectivity.endpoints import router as connectivity
from director_api.database import COMMAND_SECONDS, Database, is_unavailable
from director_api.email_profiles.endpoints import router as email_profiles
from director_api.email_profiles.transfer_endpoints import router as email_profile_transfer
from director_api.events.endpoints import router as events
from director_api.events.feed import EventFeed
from director_api.events.publisher import Publisher
from director_api.forgetting.forgetting import Forgetting, Kept
from director_api.google_consent.endpoints import pages as google_pages
from director_api.google_consent.endpoints import router as google_consent
from director_api.google_consent.google import GoogleEndpoints
from director_api.health import router as health
from director_api.housekeeping import Housekeeping
from director_api.idempotency.keys import Keys
from director_api.idempotency.middleware import Idempotency
from director_api.jobs.sweep import JobSweep
from director_api.lengths import KeptLengths
from director_api.limits import Limits
from director_api.listener import Listener
from director_api.mail_settings.endpoints import router as mail_settings
from director_api.metrics.endpoints import router as metrics_route
from director_api.metrics.instruments import Metrics
from director_api.metrics.middleware import Measured
from director_api.network_requirements.endpoints import router as network_requirements
from director_api.outbox.clouds import Clouds
from director_api.outbox.mailer import Mailer
from director_api.outbox.sender import OutboxSender
from director_api.provider_presets.endpoints import router as provider_presets
from director_api.rate_limits.buckets import RateLimit
from director_api.rate_limits.middleware import RateLimits
from director_api.records.endpoints import router as records
from director_api.request_ids import RequestIds
from director_api.schedules.runner import Schedules
from director_api.security_zones.endpoints import router as security_zones
from director_api.sign_in.endpoints import router as sign_in
from director_api.sign_in.issuer import Issuer
from director_api.sign_in.oidc import Oidc
from director_api.sign_in.tokens import Tokens
from director_api.signals import Signals
from director_api.vault import SecretKey, open_vault
from director_api.verifications.endpoints import router as verifications
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.sweep import Sweep
from director_api.wakeups import Wakeups
from director_api.webhooks.endpoints import router as webhooks
from director_api.webhooks.fan_out import fan_out
from director_api.webhooks.sender import WebhookSender

log = logging.getLogger(__name__)
_LAST_SECONDS = 5.0
PUBLIC_ROUTERS = (
    email_profile_transfer,
    email_profiles,
    google_consent,
    verifications,
    records,
    connectivity,
    network_requirements,
    provider_presets,
    actors,
    security_zones,
    mail_settings,
    api_tokens,
    events,
    audit_log,
    webhooks,
    sign_in,
    health,
    metrics_route,
)


def create_app(
    database_url: str,
    secret_keys: tuple[SecretKey, ...],
    clock: Clock = utc_now,
    *,
    cors_origins: tuple[str, ...] = (),
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES,
    rate_limit: RateLimit | None = None,
    limits: Limits = Limits(),  # noqa: B008  # because it is immutable
    oidc: Oidc | None = None,
    listen_url: str | None = None,
    public_url: str | None = None,
    console_files: Path | None = None,
    google: GoogleEndpoints = GoogleEndpoints(),  # noqa: B008  # because it is immutable
    clouds: Clouds = Clouds(),  # noqa: B008  # the same
    kept: Kept = Kept(),  # noqa: B008  # because it is immutable
) -> FastAPI:
    """Make the application. Nothing is opened before it starts to serve.

    ``listen_url`` reaches the PostgreSQL itself where ``database_url`` leads through a pooler.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        database = Database(database_url, pooled=listen_url is not None, command_seconds=COMMAND_SECONDS)
        people = None if oidc is None else Tokens(oidc, Issuer(oidc.issuer), clock)
        app.state.people = people
        try:
            async with _services(app, database, secret_keys, clock, listen_url or database_url):
                yield
        finally:
            if people is not None:
                await people.issuer.close()
            await database.close()

    app = build_app(lifespan, max_body_bytes=max_body_bytes, rate_limit=rate_limit)
    app.state.kept = kept
    app.state.public_url, app.state.google, app.state.oidc = public_url, google, oidc
    if console_files is not None:
        console.install(app, console_files, None if oidc is None else oidc.issuer)
    app.state.mailer = Mailer(clouds)
    app.state.limits = limits
    if cors_origins:
        _answer_origins(app, cors_origins)
    return app


def _answer_origins(app: FastAPI, origins: tuple[str, ...]) -> None:
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["ETag", "Idempotency-Replayed", "Location", "Retry-After", "X-Request-Id"],
    )


def build_app(
    lifespan: Callable[[FastAPI], object] | None = None,
    *,
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES,
    rate_limit: RateLimit | None = None,
) -> FastAPI:
    """Make the application's routes, without anything behind them: enough to document them."""
    app = FastAPI(
        title="Director",
        version=openapi.API_VERSION,
        summary=openapi.SUMMARY,
        lifespan=lifespan,  # type: ignore[arg-type]  # a context manager of the app, as FastAPI wants it
        redoc_url=None,
        generate_unique_id_function=openapi.operation_id,
    )
    app.state.limits = Limits()
    problems.install(app)
    app.add_middleware(KeptLengths)
    app.add_middleware(Idempotency)
    app.add_middleware(BodyLimit, limit=max_body_bytes)
    if rate_limit is not None:
        app.add_middleware(RateLimits, limit=rate_limit)
    app.state.metrics = metrics = Metrics()
    app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(RequestIds)
    app.add_middleware(HeldPolls, path="/actor/leases")
    app.include_router(actor_protocol, include_in_schema=False)  # routes are tried in turn: the busiest first
    for router in PUBLIC_ROUTERS:
        app.include_router(router)
    app.include_router(google_pages)
    app.openapi = lambda: openapi.director_document(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


@asynccontextmanager
async def _services(
    app: FastAPI, database: Database, secret_keys: tuple[SecretKey, ...], clock: Clock, listen_url: str
) -> AsyncIterator[None]:
    vault = await open_vault(database, secret_keys)
    wakeups, board, presence = Wakeups(), WorkBoard(clock), Presence(clock)
    callers, roster = Callers(database, vault, clock, app.state.people), Roster(database, vault, board)
    lifecycle = Lifecycle(clock, app.state.metrics.verification_ended)
    signals = Signals(wakeups, board, callers, roster)
    database.on_signal = signals.receive
    state = app.state
    state.database, state.vault, state.wakeups, state.board = database, vault, wakeups, board
    state.presence, state.callers, state.roster, state.lifecycle = presence, callers, roster, lifecycle
    state.results = Results(database, vault, lifecycle)
    sender = OutboxSender(database, vault, lifecycle, wakeups, state.mailer)
    sweep, job_sweep = Sweep(database, lifecycle), JobSweep(database, lifecycle)
    state.idempotency = Keys(database, clock)
    housekeeping = Housekeeping(database, presence, callers, roster, board, state.idempotency)
    publisher, feed = Publisher(database, wakeups, clock, fan_out), EventFeed(database, wakeups)
    state.feed, state.streams = feed, 0
    webhook_sender = WebhookSender(database, vault, wakeups, clock)

    async def refresh() -> None:
        await housekeeping.round()
        wakeups.tell_everyone()

    state.schedules = Schedules(database, vault, lifecycle, wakeups, loops.pause)
    state.bounces = BounceWatch(database, vault, lifecycle, loops.pause)
    running = {
        "schedules": state.schedules.run,
        "bounces": state.bounces.run,
        "outbox": sender.run,
        "sweep": sweep.run,
        "job sweep": job_sweep.run,
        "housekeeping": housekeeping.run,
        "publisher": publisher.run,
        "feed": feed.run,
        "webhooks": webhook_sender.run,
        "forgetting": Forgetting(database, state.kept, clock, loops.pause).run,
    }
    if not database.is_sqlite:
        listener = Listener(listen_url, database.origin, signals.receive, refresh)
        state.listener = listener
        running["listener"] = listener.run
    await housekeeping.round()
    if database.is_sqlite:
        await sender.take_over()
    state.turns = loops.Turns()
    async with loops.running(state.turns, running):
        yield
    await _last_flush(database, presence, callers)


async def _last_flush(database: Database, presence: Presence, callers: Callers) -> None:
    """Write who was heard of, unless the database does not take it in time: the process is to end."""
    try:
        async with asyncio.timeout(_LAST_SECONDS):
            await presence.flush(database, callers.used)
    except Exception as error:
        if not (is_unavailable(error) or isinstance(error, TimeoutError)):
            raise
        log.warning("who was heard of last is not written: %s", type(error).__name__)
