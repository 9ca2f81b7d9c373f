"""Results that come at the same moment share a transaction, and nobody notices."""

import asyncio
import re
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from director_api.vault import VaultError
from director_api.verifications.locking import locked_profile
from director_api.verifications.models import Check
from tests.director_api.conftest import RunningDirector
from tests.director_api.scripted_actor import ScriptedActor
from tests.director_api.statements import recorded

_OF_RESULTS = re.compile(r"^(SELECT lease|UPDATE \"?(check|verification|email_profile|profile_actor))")


async def leased(director: RunningDirector, actor: ScriptedActor, count: int) -> list[dict[str, Any]]:
    """Verify ``count`` new profiles, and return their leases, each with its ``profile`` and ``code``."""
    made = {}
    for number in range(count):
        account = {"username": f"box-{number}", "password": "s3cret-of-the-box"}
        profile = await director.profile(actor, account=account)
        made[(await director.verify(profile))["checks"][0]["id"]] = profile
    leases = await actor.poll(capacity=count)
    assert len(leases) == count
    for lease in leases:
        lease["profile"] = made[lease["check_id"]]
        read = await director.operator.get(f"/email-profiles/{lease['profile']['id']}/verification-code")
        lease["code"] = read.json()["verification_uuid"]
    return leases


async def reported(actor: ScriptedActor, leases: list[dict[str, Any]]) -> list[httpx.Response]:
    return await asyncio.gather(*(actor.report(lease, code=lease["code"]) for lease in leases))


async def status_of(director: RunningDirector, lease: dict[str, Any]) -> str:
    read = await director.viewer.get(f"/email-profiles/{lease['profile']['id']}")
    status: str = read.json()["account_status"]
    return status


async def test_a_rush_costs_the_statements_of_one(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    costs = []
    for count in (4, 8):
        leases = await leased(director, actor, count)
        with recorded(director, of_everyone=True) as seen:
            answers = await reported(actor, leases)
        assert [answer.json()["state"] for answer in answers] == ["verified"] * count
        assert [await status_of(director, lease) for lease in leases] == ["verified"] * count
        costs.append(sum(bool(_OF_RESULTS.match(statement)) for statement in seen))
    assert costs[0] == costs[1]


async def test_each_of_a_rush_gets_its_own_answer(director: RunningDirector) -> None:
    actor, stranger = await director.enroll("vm-1"), await director.enroll("vm-2")
    right, wrong, failed, other_kind, foreign = await leased(director, actor, 5)
    answers = await asyncio.gather(
        actor.report(right, code=right["code"]),
        actor.report(right, code=right["code"]),
        actor.report(wrong, code=right["code"]),
        actor.report(failed, failure_code="tcp_refused"),
        actor.report(other_kind, connected=True),
        stranger.report(foreign, code=foreign["code"]),
        actor.report({"id": right["check_id"]}, code=right["code"]),
    )
    said = [(answer.status_code, answer.json().get("state")) for answer in answers]
    assert said == [
        (200, "verified"),
        (200, "verified"),
        (200, "unverified"),
        (200, "unverified"),
        (422, None),
        (404, None),
        (404, None),
    ]
    assert [await status_of(director, lease) for lease in (right, wrong, failed, other_kind, foreign)] == [
        "verified",
        *["unverified"] * 4,
    ]
    assert (await actor.report(other_kind, code=other_kind["code"])).json()["state"] == "verified"


async def test_one_whose_profile_is_locked_keeps_no_others_back(director: RunningDirector) -> None:
    database = director.app.state.database
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time: a lock on one profile is a lock on all")
    actor = await director.enroll("vm-1")
    held, *free = await leased(director, actor, 3)
    async with database.write() as session:
        await locked_profile(session, UUID(held["profile"]["id"]))
        waiting = asyncio.create_task(actor.report(held, code=held["code"]))
        answers = await reported(actor, free)
        assert [answer.json()["state"] for answer in answers] == ["verified"] * 2
        assert not waiting.done()
    assert (await waiting).json()["state"] == "verified"


async def test_what_breaks_one_breaks_no_other(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    broken, *sound = await leased(director, actor, 3)
    async with director.app.state.database.write() as session:
        spoiled = update(Check).where(Check.id == UUID(broken["check_id"])).values(code_encrypted=b"x" * 40)
        await session.execute(spoiled)
    first, *others = await asyncio.gather(
        *(actor.report(lease, code=lease["code"]) for lease in (broken, *sound)), return_exceptions=True
    )
    assert isinstance(first, VaultError)
    assert not any(isinstance(answer, Exception) for answer in others)
    assert [await status_of(director, lease) for lease in sound] == ["verified"] * 2
