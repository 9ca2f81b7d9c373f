"""What happens is told, in the order in which it became durable, and nothing secret with it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from director_api.clock import new_id, utc_now
from director_api.database import Database
from director_api.events import log
from director_api.events.log import EventType, emit
from director_api.events.models import Event
from director_api.events.publisher import RETENTION, Publisher
from director_api.forgetting.forgetting import first_id_of
from director_api.wakeups import Wakeups
from tests.director_api.conftest import RunningDirector
from tests.director_api.scripted_actor import AUTHENTICATED
from tests.servers.postgres import Postgres


async def events_of(director: RunningDirector) -> list[Event]:
    """Return what was published, in order."""
    state = director.app.state
    publisher = Publisher(state.database, state.wakeups, director.clock)
    while await publisher.publish():
        pass
    async with state.database.read() as session:
        rows = await session.scalars(
            select(Event).where(Event.position.is_not(None)).order_by(Event.position)
        )
        return list(rows)


async def test_a_verification_is_told_from_start_to_end(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    await director.verify(profile)
    (lease,) = await actor.poll()
    await actor.renew(lease, progress=[{"step": "connect", "outcome": "ok", "milliseconds": 3}])
    answer = await director.operator.get(f"/email-profiles/{profile['id']}/verification-code")
    code = answer.json()["verification_uuid"]
    await actor.report(lease, code=code, diagnostics=[AUTHENTICATED])
    told = [event for event in await events_of(director) if event.profile_id is not None]
    assert [event.type for event in told] == [
        "profile.created",
        "verification.started",
        "verification.progressed",
        "verification.progressed",
        "verification.progressed",
        "profile.status_changed",
        "verification.finished",
    ]
    assert told[2].data["state"] == "leased"
    assert told[3].data["steps"] == [{"step": "connect", "outcome": "ok", "code": None, "milliseconds": 3}]
    assert told[4].data["state"] == "verified"
    assert told[5].data["account_status"] == "verified"
    assert told[5].data["actors"][0]["previous_status"] == "unverified"
    assert told[6].data["outcome"] == "verified"
    everything = str([event.data for event in told])
    assert code not in everything
    assert "s3cret-of-the-box" not in everything


async def test_changing_and_deleting_a_profile_is_told(director: RunningDirector) -> None:
    actor, other = await director.enroll("vm-1"), await director.enroll("vm-2")
    path = f"/email-profiles/{(await director.profile(actor))['id']}"
    headers = {"Content-Type": "application/merge-patch+json"}
    await director.operator.patch(path, json={"note": "anew"}, headers=headers)
    await director.operator.patch(path, json={"actor_ids": [actor.id, other.id]}, headers=headers)
    await director.operator.delete(path)
    told = [event for event in await events_of(director) if event.profile_id is not None]
    types = [event.type for event in told]
    assert types == [
        "profile.created",
        "profile.updated",
        "profile.updated",
        "profile.status_changed",
        "profile.deleted",
    ]
    assert told[1].data["revised"] is False
    assert told[3].data["actors"] == [
        {"actor_id": other.id, "status": "unverified", "previous_status": None, "failure_code": None}
    ]


async def test_an_actor_that_comes_and_goes_is_told_once(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await actor.poll()
    state = director.app.state
    for _ in range(2):
        await state.presence.flush(state.database, {})
        await state.presence.tell_changes(state.database)
    director.clock.ahead += timedelta(seconds=181)
    for _ in range(2):
        await state.presence.tell_changes(state.database)
    told = [event for event in await events_of(director) if event.type.startswith("actor.")]
    assert [(event.type, event.data["name"]) for event in told] == [
        ("actor.online", "vm-1"),
        ("actor.offline", "vm-1"),
    ]


async def test_what_is_rolled_back_is_never_told(director: RunningDirector) -> None:
    async with director.app.state.database.write() as session:
        emit(session, EventType.CONSENT_REQUIRED, {"profile_id": None})
        await session.rollback()
    assert await events_of(director) == []


async def test_a_transaction_that_ends_late_comes_after_what_was_published_before_it(
    director: RunningDirector,
) -> None:
    database = director.app.state.database
    if database.is_sqlite:
        async with database.write() as session:
            emit(session, EventType.CONSENT_REQUIRED, {"number": 1})
        async with database.write() as session:
            emit(session, EventType.CONSENT_REQUIRED, {"number": 2})
        expected = [1, 2]
    else:
        async with database.write() as late:
            emit(late, EventType.CONSENT_REQUIRED, {"number": 1})
            await late.flush()
            async with database.write() as session:
                emit(session, EventType.CONSENT_REQUIRED, {"number": 2})
            assert [event.data["number"] for event in await events_of(director)] == [2]
        expected = [2, 1]
    told = await events_of(director)
    assert [event.data["number"] for event in told] == expected
    assert [event.position for event in told] == [1, 2]


async def test_the_clock_of_a_director_that_is_ahead_changes_no_order(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(await postgres.new_database())
    ahead = first_id_of(utc_now() + timedelta(seconds=5))
    for number, made in enumerate((lambda: ahead, new_id)):
        monkeypatch.setattr(log, "new_id", made)
        async with database.write() as session:
            emit(session, EventType.CONSENT_REQUIRED, {"number": number})
    await Publisher(database, Wakeups()).publish()
    async with database.read() as session:
        told = await session.scalars(select(Event).order_by(Event.position))
        assert [event.data["number"] for event in told] == [0, 1]
    await database.close()


async def test_events_of_one_transaction_keep_their_order(director: RunningDirector) -> None:
    async with director.app.state.database.write() as session:
        for number in range(20):
            emit(session, EventType.CONSENT_REQUIRED, {"number": number})
            if number % 7 == 0:
                await session.flush()
    assert [event.data["number"] for event in await events_of(director)] == list(range(20))


async def test_what_is_older_than_the_retention_goes(director: RunningDirector) -> None:
    await director.profile(await director.enroll("vm-1"))
    assert await events_of(director)
    state = director.app.state
    director.clock.ahead = RETENTION + timedelta(minutes=1)
    await Publisher(state.database, state.wakeups, director.clock).purge()
    assert await events_of(director) == []
