"""A profile that is deleted while it is tried: nobody waits in a circle, and what is gone is not found."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from director_api.email_profiles import service
from director_api.verifications.locking import locked_profile
from tests.director_api.conftest import RunningDirector
from tests.director_api.connectivity.test_connectivity import draft, pass_time, started
from tests.director_api.scripted_actor import AUTHENTICATED, ScriptedActor
from tests.director_api.waits import BOUND, until_waiting
from tests.servers.postgres import Postgres

Said = Callable[[ScriptedActor, dict[str, Any]], Awaitable[httpx.Response]]


@pytest.fixture
async def database_url(postgres: Postgres) -> str:
    """A database that locks rows; of SQLite the one writer locks all."""
    return await postgres.new_database()


async def tried(director: RunningDirector, *actors: ScriptedActor) -> tuple[UUID, dict[str, Any]]:
    """Start a connectivity check of a new profile. Returns the profile's id and the check."""
    profile = await director.profile(*actors)
    run = await director.operator.post(f"/email-profiles/{profile['id']}/connectivity-check")
    return UUID(profile["id"]), run.json()


@pytest.mark.parametrize(
    "said",
    [
        lambda actor, lease: actor.renew(lease, progress=[AUTHENTICATED]),
        lambda actor, lease: actor.hand_back(lease, "2030-01-01T00:00:00Z"),
        lambda actor, lease: actor.report(lease, connected=True, diagnostics=[AUTHENTICATED]),
    ],
    ids=["progress", "hand-back", "result"],
)
async def test_what_an_actor_says_waits_for_the_deletion(director: RunningDirector, said: Said) -> None:
    actor = await director.enroll("vm-1")
    profile_id, _ = await tried(director, actor)
    (lease,) = await actor.poll()
    state = director.app.state
    async with asyncio.timeout(BOUND), state.database.write() as session:
        row = await service.profile(session, profile_id, for_update=True)
        saying = asyncio.ensure_future(said(actor, lease))
        await until_waiting(state.database, saying)
        await service.delete_profile(session, state.lifecycle, row)
    answer = await saying
    assert (answer.status_code, answer.json()["code"]) == (404, "lease_not_found")


async def test_who_cancels_what_is_gone_meanwhile_is_told_so(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile_id, run = await tried(director, actor)
    state = director.app.state
    async with asyncio.timeout(BOUND), state.database.write() as session:
        row = await service.profile(session, profile_id, for_update=True)
        cancelling = asyncio.create_task(director.operator.post(f"/connectivity-checks/{run['id']}/cancel"))
        await until_waiting(state.database, cancelling)
        await service.delete_profile(session, state.lifecycle, row)
    assert (await cancelling).status_code == 404


@pytest.mark.parametrize("who", ["poll", "sweep"])
async def test_a_poll_and_the_sweep_leave_what_is_gone(director: RunningDirector, who: str) -> None:
    actor = await director.enroll("vm-1")
    profile_id, _ = await tried(director, actor)
    state = director.app.state
    async with asyncio.timeout(BOUND), state.database.write() as session:
        row = await service.profile(session, profile_id, for_update=True)
        looking = actor.poll() if who == "poll" else pass_time(director, 200)
        waiting: asyncio.Future[object] = asyncio.ensure_future(looking)
        await until_waiting(state.database, waiting)
        assert not waiting.done()
        await service.delete_profile(session, state.lifecycle, row)
    assert not await waiting


async def test_who_was_given_a_job_waits_for_no_check(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    locked = await director.profile(actor)
    await director.verify(locked)
    await started(director, draft(actor))
    async with asyncio.timeout(BOUND), director.app.state.database.write() as session:
        await locked_profile(session, UUID(locked["id"]))
        (lease,) = await actor.poll(capacity=2)
    assert lease["kind"] == "connectivity"
    assert [lease["kind"] for lease in await actor.poll(capacity=2, wait_seconds=BOUND)] == ["check"]
