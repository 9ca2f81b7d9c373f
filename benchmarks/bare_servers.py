"""Bare Starlette handlers: what the same answers cost without a product around them.

Each is served by uvicorn with its own defaults, which are the Director's: uvloop and httptools.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

APPLICATION = "benchmarks.bare_servers:app"
DATABASE_URL = "BENCH_DATABASE_URL"
"""Where the handler of pages reads from; the other needs no database."""
_PROFILES = "SELECT * FROM email_profile ORDER BY id LIMIT 51"
_ACTORS = """
SELECT p.profile_id, a.id, a.name, z.name AS zone, a.last_seen_at, p.status, p.failure_code, p.checked_at
FROM profile_actor p JOIN actor a ON a.id = p.actor_id LEFT JOIN security_zone z ON z.id = a.security_zone_id
WHERE p.profile_id = ANY($1) ORDER BY p.profile_id, p.position"""
_RUNNING = """
SELECT v.profile_id, v.id, c.actor_id FROM verification v JOIN "check" c ON c.verification_id = v.id
WHERE v.profile_id = ANY($1) AND v.state = 'running' AND c.state IN ('queued', 'leased')"""
_SECRETS = "SELECT profile_id, path, changed_at FROM profile_secret WHERE profile_id = ANY($1)"


async def hold(request: Request) -> Response:
    """Hold the request for as long as a poll waits."""
    body = await request.json()
    await asyncio.sleep(body["wait_seconds"])
    return Response(status_code=204)


async def page(request: Request) -> Response:
    """Read what a page of profiles needs, and encode it."""
    async with request.app.state.pool.acquire() as connection:
        profiles = (await connection.fetch(_PROFILES))[:50]
        ids = [row["id"] for row in profiles]
        related = {
            name: await connection.fetch(statement, ids)
            for name, statement in (("actors", _ACTORS), ("running", _RUNNING), ("secrets", _SECRETS))
        }
    items = {row["id"]: dict(row) | {name: [] for name in related} for row in profiles}
    for name, rows in related.items():
        for row in rows:
            items[row["profile_id"]][name].append(dict(row))
    # The driver's UUID is a class of its own, which the encoder does not know.
    content = orjson.dumps({"items": list(items.values())}, default=str)
    return Response(content, media_type="application/json")


@asynccontextmanager
async def _pool(app: Starlette) -> AsyncIterator[None]:
    url = os.environ.get(DATABASE_URL)
    if url is None:
        yield
        return
    async with asyncpg.create_pool(url, min_size=5, max_size=15, init=_decode_json) as app.state.pool:
        yield


async def _decode_json(connection: Any) -> None:
    await connection.set_type_codec("jsonb", encoder=orjson.dumps, decoder=orjson.loads, schema="pg_catalog")


app = Starlette(
    routes=[Route("/actor/leases", hold, methods=["POST"]), Route("/email-profiles", page)], lifespan=_pool
)
