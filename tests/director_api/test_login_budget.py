"""Logins that are under way spend the budget of their account until it is known what became of them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from director_api.jobs.sweep import JobSweep
from director_api.verifications.models import FailedLogin
from director_api.verifications.room import hold
from director_api.verifications.sweep import Sweep
from tests.director_api.conftest import RunningDirector
from tests.director_api.connectivity import test_connectivity as connectivity
from tests.director_api.connectivity.test_connectivity import draft, read, started
from tests.director_api.scripted_actor import AUTHENTICATED, ScriptedActor
from tests.director_api.statements import recorded
from tests.director_api.test_back_pressure import limited
from tests.director_api.test_verification import code_of

BOUND = 20.0
BUDGET = 5
SHARED = {"username": "shared", "password": "s3cret-of-the-box"}
REFUSED = "auth_invalid_credentials"


async def lapse(director: RunningDirector, *_: Any) -> None:
    """Let every lease lapse, and the sweeps see it."""
    director.clock.ahead += timedelta(seconds=61)
    state = director.app.state
    for sweep in (Sweep(state.database, state.lifecycle), JobSweep(state.database, state.lifecycle)):
        while await sweep.sweep():
            pass


Ends = Callable[[RunningDirector, ScriptedActor, dict[str, Any]], Awaitable[object]]
ENDS: dict[str, Ends] = {
    "its login works": lambda _, actor, lease: actor.renew(lease, progress=[AUTHENTICATED]),
    "it fails otherwise": lambda _, actor, lease: actor.report(lease, failure_code="tcp_refused"),
    "it lapses": lapse,
    "it is handed back": lambda _, actor, lease: actor.hand_back(lease, "2100-01-01T00:00:00Z"),
}


async def profiles(director: RunningDirector, actor: ScriptedActor, count: int) -> list[dict[str, Any]]:
    """Make profiles of one account."""
    return [
        await director.profile(actor, email_address=f"box-{number}@example.test", account=SHARED)
        for number in range(count)
    ]


async def refused(director: RunningDirector, actor: ScriptedActor, count: int) -> None:
    """Spend of the account's budget."""
    for _ in range(count):
        await started(director, draft(actor, account=SHARED))
        (lease,) = await actor.poll()
        await actor.report(lease, failure_code=REFUSED)


async def proven(director: RunningDirector, actor: ScriptedActor, profile: dict[str, Any]) -> None:
    """Let the profile be verified."""
    await director.verify(profile)
    (lease,) = await actor.poll()
    answer = await actor.report(lease, code=await code_of(director, profile), diagnostics=[AUTHENTICATED])
    assert answer.json()["state"] == "verified"


async def failed_logins(director: RunningDirector) -> int | None:
    async with director.app.state.database.read() as session:
        count: int | None = await session.scalar(select(func.count()).select_from(FailedLogin))
    return count


async def test_drafts_that_are_tried_at_once_spend_no_more_than_the_budget(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    runs = [await started(director, draft(actor)) for _ in range(8)]
    leases = await actor.poll(capacity=8)
    assert len(leases) == BUDGET
    await actor.report(leases[0], failure_code=REFUSED)
    assert await actor.poll(capacity=8) == [], "what was refused is spent, and the others are under way"
    await actor.report(leases[1], connected=True, diagnostics=[AUTHENTICATED])
    (another,) = await actor.poll(capacity=8, wait_seconds=BOUND)
    for lease in (*leases[2:], another):
        await actor.report(lease, failure_code=REFUSED)
    assert await actor.poll(capacity=8) == []
    codes = [(await read(director, run))["checks"][0]["failure_code"] for run in runs]
    assert codes == [REFUSED, None, *[REFUSED] * 4, *["auth_budget_exhausted"] * 2]
    assert await failed_logins(director) == BUDGET


async def test_checks_of_one_account_wait_for_those_that_are_under_way(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await refused(director, actor, BUDGET - 1)
    runs = [await director.verify(profile) for profile in await profiles(director, actor, 3)]
    (first,) = await actor.poll(capacity=3)
    waiting = asyncio.create_task(actor.poll(capacity=3, wait_seconds=BOUND))
    await actor.renew(first, progress=[AUTHENTICATED])
    (second,) = await waiting
    await actor.report(second, failure_code=REFUSED)
    assert await actor.poll(capacity=3) == []
    codes = [(await director.verification(run))["checks"][0]["failure_code"] for run in runs]
    assert codes == [None, REFUSED, "auth_budget_exhausted"]
    assert await failed_logins(director) == BUDGET


async def test_a_draft_waits_for_checks_of_its_account_too(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    for profile in await profiles(director, actor, BUDGET):
        await director.verify(profile)
    leases = await actor.poll(capacity=BUDGET)
    assert len(leases) == BUDGET
    await started(director, draft(actor, account=SHARED))
    assert await actor.poll() == []
    await actor.renew(leases[0], progress=[AUTHENTICATED])
    (lease,) = await actor.poll(wait_seconds=BOUND)
    assert lease["kind"] == "connectivity"


async def test_a_login_that_has_worked_waits_for_none_that_has_not(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    works, new = await profiles(director, actor, 2)
    await proven(director, actor, works)
    await refused(director, actor, BUDGET - 1)
    await director.verify(new)
    assert len(await actor.poll()) == 1
    run = await director.verify(works)
    await director.operator.post(f"/email-profiles/{works['id']}/connectivity-check")
    given = await actor.poll(capacity=3)
    assert [lease["kind"] for lease in given] == ["connectivity", "check"]
    assert given[1]["check_id"] == run["checks"][0]["id"]


async def test_who_waits_for_a_login_is_not_taken_for_offline(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await refused(director, actor, BUDGET - 1)
    run = await started(director, draft(actor, account=SHARED))
    (lease,) = await actor.poll()
    check = await director.verify((await profiles(director, actor, 1))[0])
    other = await started(director, draft(actor, account=SHARED))
    for _ in range(5):
        await director.pass_time(45)
        await connectivity.pass_time(director, 0)
        assert (await actor.renew(lease)).json()["state"] == "continue"
    states = [(await read(director, each))["checks"][0]["state"] for each in (run, other)]
    states.append((await director.verification(check))["checks"][0]["state"])
    assert states == ["leased", "queued", "queued"]


@pytest.mark.parametrize("end", ENDS)
async def test_a_check_waits_for_the_connectivity_check_of_its_profile(
    director: RunningDirector, end: str
) -> None:
    first, second = await director.enroll("vm-1"), await director.enroll("vm-2")
    profile = await director.profile(first, second)
    await director.operator.post(f"/email-profiles/{profile['id']}/connectivity-check")
    await director.verify(profile)
    (lease,) = await first.poll(capacity=2)
    assert lease["kind"] == "connectivity"
    assert await second.poll() == []
    waiting = asyncio.create_task(second.poll(wait_seconds=BOUND))
    await ENDS[end](director, first, lease)
    assert len(await waiting) == 1


@pytest.mark.parametrize("end", ENDS)
async def test_a_connectivity_check_waits_for_the_check_of_its_profile(
    director: RunningDirector, end: str
) -> None:
    first, second = await director.enroll("vm-1"), await director.enroll("vm-2")
    profile = await director.profile(first, second)
    await director.operator.post(f"/email-profiles/{profile['id']}/verify", json={"actor_ids": [first.id]})
    (lease,) = await first.poll()
    path = f"/email-profiles/{profile['id']}/connectivity-check"
    for _ in range(2):  # of two that wait, one goes on
        await director.operator.post(path, json={"actor_ids": [second.id]})
    assert await second.poll(capacity=2) == []
    waiting = asyncio.create_task(second.poll(capacity=2, wait_seconds=BOUND))
    await ENDS[end](director, first, lease)
    given = await waiting
    assert [lease["kind"] for lease in given] == ["connectivity"] * (2 if end == "its login works" else 1)


async def test_a_draft_waits_while_another_transaction_gives_at_its_account(
    director: RunningDirector,
) -> None:
    if director.app.state.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time: nothing is given beside another")
    actor = await director.enroll("vm-1")
    await started(director, draft(actor, account=SHARED))
    async with director.app.state.database.write() as session:
        assert await hold(session, "shared@imap.example.test")
        assert await actor.poll() == []
    assert len(await actor.poll(wait_seconds=BOUND)) == 1


async def test_many_checks_are_leased_by_as_many_statements_as_few(director: RunningDirector) -> None:
    await limited(director, checks_per_mailbox=20)
    actor = await director.enroll("vm-1")
    made = await profiles(director, actor, 8)
    for profile in made:
        await proven(director, actor, profile)
    costs = []
    for chosen in (made[:2], made[2:]):
        for profile in chosen:
            await director.verify(profile)
        with recorded(director) as seen:
            assert len(await actor.poll(capacity=9)) == len(chosen)
        costs.append(len(seen))
    assert costs[0] == costs[1]
