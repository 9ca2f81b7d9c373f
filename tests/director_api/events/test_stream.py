"""The live stream: resume, filters, its ends."""

import asyncio
from datetime import timedelta

import pytest

from director_api.events.publisher import RETENTION, Publisher
from tests.director_api.conftest import RunningDirector
from tests.director_api.events.live import BOUND, following, served


async def test_a_page_that_lost_its_connection_misses_nothing(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    async with served(director.app) as url:
        async with following(url, director.viewer) as stream:
            first = await director.profile(actor)
            assert (await stream.until("profile.created"))["data"]["profile_id"] == first["id"]
        second = await director.profile(actor)
        await director.verify(second)
        headers = {"Last-Event-ID": stream.position}
        async with following(url, director.viewer, headers) as resumed:
            assert (await resumed.next())["data"]["profile_id"] == second["id"]
            assert (await resumed.next())["type"] == "verification.started"
            await actor.poll()
            assert (await resumed.next())["data"]["state"] == "leased"


async def test_a_page_may_ask_for_one_profile_and_for_some_types(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    async with served(director.app) as url:
        wanted = await director.profile(actor)
        params = {"last_event_id": 0, "profile_id": wanted["id"], "types": ["verification.started"]}
        async with following(url, director.viewer, None, **params) as stream:
            await director.verify(await director.profile(actor))
            run = await director.verify(wanted)
            assert (await stream.next())["data"]["verification_id"] == run["id"]


async def test_what_is_no_longer_kept_is_said(director: RunningDirector) -> None:
    await director.profile(await director.enroll("vm-1"))
    async with served(director.app) as url:
        async with following(url, director.viewer, None, last_event_id=0) as stream:
            await stream.until("profile.created")
        state = director.app.state
        director.clock.ahead = RETENTION + timedelta(minutes=1)
        await Publisher(state.database, state.wakeups, director.clock).purge()
        for unknown in (0, 10**9):
            async with following(url, director.viewer, None, last_event_id=unknown) as late:
                assert (await late.next())["type"] == "reset"


async def test_a_stream_ends_with_its_token(director: RunningDirector) -> None:
    minted = (await director.admin.post("/api-tokens", json={"name": "page", "role": "viewer"})).json()
    director.anonymous.headers["Authorization"] = f"Bearer {minted['token']}"
    async with served(director.app) as url, following(url, director.anonymous) as stream:
        await director.admin.delete(f"/api-tokens/{minted['id']}")
        with pytest.raises(EOFError):
            await stream.until("never")


async def test_a_stream_ends_when_the_director_stops(director: RunningDirector) -> None:
    async with served(director.app) as url, following(url, director.viewer) as stream:
        director.app.state.feed.close()
        with pytest.raises(EOFError):
            await stream.until("never")


async def test_a_stream_holds_nothing_of_the_database(director: RunningDirector) -> None:
    async with served(director.app) as url:
        streams = [following(url, director.viewer) for _ in range(30)]
        opened = [await stream.__aenter__() for stream in streams]
        profile = await director.profile(await director.enroll("vm-1"))
        async with asyncio.timeout(BOUND):
            for stream in opened:
                assert (await stream.until("profile.created"))["data"]["profile_id"] == profile["id"]
        for context in streams:
            await context.__aexit__(None, None, None)


@pytest.mark.parametrize("position", ["x", "-1", str(2**63)])
async def test_a_malformed_position_is_refused(director: RunningDirector, position: str) -> None:
    answer = await director.viewer.get("/events", headers={"Last-Event-ID": position})
    assert answer.status_code == 422
