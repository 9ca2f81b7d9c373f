"""Two Directors on one PostgreSQL: what one does, the other knows at once."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from sqlalchemy import column, func, select, text

from director_api.app import create_app
from director_api.vault import SecretKey
from tests.director_api.conftest import BASE_URL, RunningDirector, SteppedClock, client_for, prepared
from tests.director_api.events.live import BOUND, following, served
from tests.director_api.scripted_actor import ScriptedActor
from tests.servers.postgres import Postgres


@pytest.fixture
async def directors(postgres: Postgres) -> AsyncIterator[tuple[RunningDirector, RunningDirector]]:
    """Two Directors that hear each other."""
    url, keys = await postgres.new_database(), (SecretKey.generate(),)
    tokens = await prepared(url, keys)
    apps = [create_app(url, keys), create_app(url, keys, listen_url=url)]  # the second as behind a pooler
    async with (
        apps[0].router.lifespan_context(apps[0]),
        apps[1].router.lifespan_context(apps[1]),
        asyncio.timeout(4 * BOUND),
    ):
        both = []
        for app in apps:
            clients = {name: client_for(app, token) for name, token in tokens.items()}
            clients["anonymous"] = client_for(app, None)
            both.append(RunningDirector(app, clients, SteppedClock()))
            await app.state.listener.listening.wait()
        yield both[0], both[1]
        for director in both:
            for client in director.clients.values():
                await client.aclose()


def at(director: RunningDirector, actor: ScriptedActor) -> ScriptedActor:
    """Return the same Actor, calling another Director."""
    return ScriptedActor(actor.id, actor.name, actor.credential, actor.key, director.anonymous)


async def held(director: RunningDirector, *actors: ScriptedActor) -> None:
    """Wait until the polls of ``actors`` are held, asking that Director alone."""
    while any(not director.app.state.presence._polling[UUID(a.id)] for a in actors):
        await director.viewer.get("/actors")  # which lets others run, unlike an answer without I/O


async def test_verify_at_one_wakes_the_actor_held_at_the_other_and_no_other(
    directors: tuple[RunningDirector, RunningDirector],
) -> None:
    one, other = directors
    wanted, idle = await one.enroll("wanted"), await one.enroll("idle")
    profile = await one.profile(wanted)
    await asyncio.gather(at(other, wanted).poll(), at(other, idle).poll())
    poll = asyncio.create_task(at(other, wanted).poll(wait_seconds=30))
    sleeps = asyncio.create_task(at(other, idle).poll(wait_seconds=30))
    await held(other, wanted, idle)
    await one.verify(profile)
    async with asyncio.timeout(5):
        (lease,) = await poll
    assert lease["kind"] == "check"
    assert not sleeps.done()
    assert other.app.state.board._polls.keys() == {UUID(idle.id)}
    sleeps.cancel()
    await asyncio.gather(sleeps, return_exceptions=True)


async def test_revoking_at_one_ends_the_poll_held_at_the_other(
    directors: tuple[RunningDirector, RunningDirector],
) -> None:
    one, other = directors
    actor = await one.enroll("vm-1")
    await at(other, actor).poll()
    poll = asyncio.create_task(
        at(other, actor).call("POST", "/actor/leases", {"capacity": 1, "wait_seconds": 30})
    )
    await held(other, actor)
    await one.admin.post(f"/actors/{actor.id}/revoke")
    async with asyncio.timeout(5):
        assert (await poll).status_code == 401


async def test_a_token_revoked_at_one_opens_nothing_at_the_other(
    directors: tuple[RunningDirector, RunningDirector],
) -> None:
    one, other = directors
    minted = (await one.admin.post("/api-tokens", json={"name": "page", "role": "viewer"})).json()
    headers = {"Authorization": f"Bearer {minted['token']}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(other.app), base_url=BASE_URL, headers=headers
    ) as client:
        assert (await client.get("/actors")).status_code == 200
        async with served(other.app) as url, following(url, client) as stream:
            await one.admin.delete(f"/api-tokens/{minted['id']}")
            with pytest.raises(EOFError):
                await stream.until("never")
        assert (await client.get("/actors")).status_code == 401


async def test_a_page_at_one_shows_what_happens_at_the_other(
    directors: tuple[RunningDirector, RunningDirector],
) -> None:
    one, other = directors
    actor = await one.enroll("vm-1")
    async with served(other.app) as url, following(url, other.viewer) as stream:
        profile = await one.profile(actor)
        run = await one.verify(profile)
        waiting = asyncio.create_task(other.verification(run, wait=30))
        assert (await stream.until("verification.started"))["data"]["verification_id"] == run["id"]
        await one.operator.post(f"/verifications/{run['id']}/cancel")
        assert (await stream.until("verification.finished"))["data"]["state"] == "cancelled"
        async with asyncio.timeout(5):
            assert (await waiting)["state"] == "cancelled"


async def test_a_listener_that_lost_its_connection_looks_at_everything_again(
    directors: tuple[RunningDirector, RunningDirector],
) -> None:
    one, other = directors
    actor = await one.enroll("vm-1")
    profile = await one.profile(actor)
    await at(other, actor).poll()
    poll = asyncio.create_task(at(other, actor).poll(wait_seconds=30))
    await held(other, actor)
    async with one.app.state.database.write() as session:
        ended = select(func.pg_terminate_backend(column("pid"))).select_from(text("pg_stat_activity"))
        await session.execute(ended.where(text("query LIKE 'LISTEN%'"), text("datname = current_database()")))
    await one.verify(profile)
    async with asyncio.timeout(10):
        assert len(await poll) == 1
