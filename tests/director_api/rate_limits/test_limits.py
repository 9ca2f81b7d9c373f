"""Who asks too often is told how long to wait, and nobody else is."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from director_api.app import create_app
from director_api.rate_limits.buckets import Buckets, RateLimit
from director_api.rate_limits.middleware import RateLimits
from director_api.vault import SecretKey
from tests.director_api.conftest import BASE_URL, RunningDirector, SteppedClock, client_for, prepared
from tests.director_api.rate_limits.test_buckets import Hands

LIMIT = RateLimit(per_second=0.1, burst=4)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
async def limited(tmp_path: Path, hands: Hands) -> AsyncIterator[RunningDirector]:
    """A Director that lets four requests through at once, and then one each ten seconds of `hands`."""
    url, keys = f"sqlite+aiosqlite:///{tmp_path / 'director.db'}", (SecretKey.generate(),)
    tokens = await prepared(url, keys)
    app = create_app(url, keys)
    # The middleware of `rate_limit=`, with the clock of the test.
    app.add_middleware(RateLimits, limit=LIMIT, buckets=Buckets(LIMIT, hands))
    async with app.router.lifespan_context(app):
        clients = {name: client_for(app, token) for name, token in tokens.items()}
        clients["anonymous"] = client_for(app, None)
        yield RunningDirector(app, clients, SteppedClock())
        for client in clients.values():
            await client.aclose()


async def statuses(client: httpx.AsyncClient, count: int, path: str = "/actors") -> list[int]:
    return [(await client.get(path)).status_code for _ in range(count)]


async def exhaust(client: httpx.AsyncClient) -> None:
    """Use all that a caller may send at once; the first request is the one that makes the token known."""
    assert 429 in await statuses(client, 8)


async def test_who_asks_too_often_is_told_when_to_come_back(limited: RunningDirector, hands: Hands) -> None:
    await exhaust(limited.viewer)
    hands.now += 1.5
    answer = await limited.viewer.get("/actors")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.headers["Retry-After"] == "9"
    assert answer.headers["Content-Type"] == "application/problem+json"
    hands.now += 9
    assert await statuses(limited.viewer, 2) == [200, 429]


async def test_the_answer_is_one_that_a_frontend_can_read(tmp_path: Path) -> None:
    url, keys = f"sqlite+aiosqlite:///{tmp_path / 'director.db'}", (SecretKey.generate(),)
    await prepared(url, keys)
    console = "https://console.example.test"
    app = create_app(url, keys, cors_origins=(console,), rate_limit=RateLimit(per_second=0.001, burst=1))
    async with app.router.lifespan_context(app), client_for(app, None) as client:
        assert (await client.get("/actors", headers={"Origin": console})).status_code == 401
        answer = await client.get("/actors", headers={"Origin": console})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert answer.headers["Access-Control-Allow-Origin"] == console
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


async def test_callers_do_not_spend_from_each_other(limited: RunningDirector) -> None:
    await exhaust(limited.viewer)
    assert await statuses(limited.operator, 1) == [200]


async def test_made_up_tokens_share_their_address_and_shut_no_known_caller_out(
    limited: RunningDirector,
) -> None:
    assert await statuses(limited.viewer, 1) == [200]
    made_up = [
        (await limited.anonymous.get("/actors", headers={"Authorization": f"Bearer dtk_{n}"})).status_code
        for n in range(6)
    ]
    assert made_up[-1] == 429
    assert await statuses(limited.anonymous, 1) == [429]
    assert await statuses(limited.viewer, 1) == [200]


async def test_addresses_have_buckets_of_their_own(limited: RunningDirector) -> None:
    async def last_status(address: str, count: int = 1) -> int:
        transport = httpx.ASGITransport(limited.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            return (await statuses(client, count))[-1]

    assert await last_status("192.0.2.1", 5) == 429
    assert await last_status("::ffff:192.0.2.1") == 429
    assert await last_status("192.0.2.2") == 401
    assert await last_status("2001:db8::1", 5) == 429
    assert await last_status("2001:db8::ffff:1") == 429  # of the same site
    assert await last_status("2001:db8:0:1::1") == 401


async def test_health_and_the_actors_routes_are_not_limited(limited: RunningDirector) -> None:
    await exhaust(limited.anonymous)
    assert set(await statuses(limited.anonymous, 10, "/health/live")) == {200}
    polls = [await limited.anonymous.post("/actor/leases", json={}) for _ in range(10)]
    assert {poll.status_code for poll in polls} == {401}
