"""Many verifications at once: how many checks run in one place, and whose turn is first."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from director_api.clock import utc_now
from director_api.email_profiles.models import EmailProfile
from director_api.outbox.sender import in_turn
from director_api.verifications import service
from director_api.verifications.models import Check
from tests.director_api.conftest import RunningDirector
from tests.director_api.scripted_actor import ScriptedActor


async def limited(director: RunningDirector, **limits: int) -> None:
    answer = await director.admin.put("/settings/email-actions", json=limits)
    assert answer.status_code == 200, answer.text


async def started(
    director: RunningDirector, count: int, actor: ScriptedActor, trigger: str = "script", **fields: Any
) -> list[dict[str, Any]]:
    """Make profiles with an account each at one mail server, and verify them."""
    made = []
    for number in range(count):
        account = {"username": f"{trigger}-{number}", "password": "s3cret-of-the-box"}
        made.append(await director.profile(actor, **{"account": account} | fields))
    for profile in made:
        await started_by(director, profile, trigger)
    return made


async def started_by(director: RunningDirector, profile: dict[str, Any], trigger: str) -> None:
    state = director.app.state
    async with state.database.write() as session:
        row = await session.get_one(EmailProfile, UUID(profile["id"]))
        await service.start(
            session, state.vault, state.lifecycle, state.wakeups, row, trigger=trigger, actor_ids=None
        )


async def profiles_of(director: RunningDirector, leases: list[dict[str, Any]]) -> list[str]:
    async with director.app.state.database.read() as session:
        checks = [await session.get_one(Check, UUID(lease["check_id"])) for lease in leases]
    return [str(check.profile_id) for check in checks]


async def test_a_mail_server_is_asked_by_so_many_at_once(director: RunningDirector) -> None:
    await limited(director, checks_per_host=2)
    actor = await director.enroll("vm-1")
    await started(director, 4, actor)
    elsewhere = await started(director, 1, actor, incoming={"host": "other.example.test"})
    leases = await actor.poll(capacity=9)
    hosts = Counter(lease["target"]["incoming"]["host"] for lease in leases)
    assert hosts == {"imap.example.test": 2, "other.example.test": 1}
    assert elsewhere[0]["id"] in await profiles_of(director, leases)
    done = next(lease for lease in leases if lease["target"]["incoming"]["host"] == "imap.example.test")
    await actor.report(done, failure_code="mailbox_unavailable")
    assert len(await actor.poll(capacity=9)) == 1


async def test_a_mailbox_is_read_by_so_many_at_once(director: RunningDirector) -> None:
    await limited(director, checks_per_mailbox=1)
    actor = await director.enroll("vm-1")
    account = {"username": "shared", "password": "s3cret-of-the-box"}
    await started(director, 3, actor, account=account)
    assert len(await actor.poll(capacity=9)) == 1


async def test_a_place_at_the_server_is_kept_for_people(director: RunningDirector) -> None:
    await limited(director, checks_per_host=4)
    actor = await director.enroll("vm-1")
    await started(director, 5, actor)
    assert len(await actor.poll(capacity=9)) == 3
    of_person = await started(director, 2, actor, "person")
    leases = await actor.poll(capacity=9)
    assert await profiles_of(director, leases) == [of_person[0]["id"]]


async def test_a_place_is_never_given_twice(director: RunningDirector) -> None:
    await limited(director, checks_per_host=2)
    actors = [await director.enroll(f"vm-{number}") for number in range(6)]
    for number, actor in enumerate(actors):
        account = {"username": f"box-{number}", "password": "s3cret-of-the-box"}
        await started(director, 1, actor, account=account)
    polled = await asyncio.gather(*(actor.poll() for actor in actors))
    given = sum(map(len, polled))
    assert 1 <= given <= 2
    again = await asyncio.gather(*(actor.poll(wait_seconds=1) for actor in actors))
    assert given + sum(map(len, again)) == 2


async def test_people_go_before_scripts_and_scripts_before_schedules(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    order = [
        *await started(director, 2, actor, "schedule"),
        *await started(director, 2, actor, "script"),
        *await started(director, 1, actor, "person"),
    ]
    wanted = [order[4], order[2], order[3], order[0], order[1]]
    given = [await profiles_of(director, await actor.poll(wait_seconds=5)) for _ in order]
    assert given == [[profile["id"]] for profile in wanted]


async def test_who_waits_behind_others_is_not_taken_for_offline(director: RunningDirector) -> None:
    await limited(director, checks_per_host=1)
    actor = await director.enroll("vm-1")
    waiting = (await started(director, 2, actor))[1]
    (lease,) = await actor.poll(capacity=9)
    for _ in range(5):
        await director.pass_time(45)
        assert (await actor.renew(lease)).json()["state"] == "continue"
    runs = (await director.viewer.get(f"/email-profiles/{waiting['id']}/verifications")).json()["items"]
    assert runs[0]["checks"][0]["state"] == "queued"
    await actor.report(lease, failure_code="mailbox_unavailable")
    assert len(await actor.poll(capacity=9)) == 1


@pytest.mark.parametrize("trigger", ["script", "person"])
async def test_mail_leaves_in_fair_order(director: RunningDirector, trigger: str) -> None:
    actors = [await director.enroll(f"vm-{number}") for number in range(3)]
    # Nothing listens there: the messages stay in the outbox, to be looked at.
    settings = {"from_address": "director@example.test", "host": "127.0.0.1", "port": 1}
    await director.admin.put("/settings/email", json=settings)
    many = await director.profile(*actors, send_verification_manually=False)
    few = await director.profile(actors[0], send_verification_manually=False)
    await started_by(director, many, "script")
    await started_by(director, few, trigger)
    order = await outbox_order(director)
    large, small = many["id"], few["id"]
    wanted = [small, large, large, large] if trigger == "person" else [large, small, large, large]
    assert order == wanted


async def outbox_order(director: RunningDirector) -> list[str]:
    async with director.app.state.database.read() as session:
        rows = (await session.scalars(in_turn(utc_now() + timedelta(days=1)))).all()
        checks = [await session.get_one(Check, row.check_id) for row in rows]
    return [str(check.profile_id) for check in checks]
