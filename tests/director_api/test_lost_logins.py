"""Logins whose outcome was lost with their lease: each may have been refused, and counts."""

from typing import Any

import pytest

from tests.director_api.conftest import RunningDirector
from tests.director_api.connectivity.test_connectivity import draft, pass_time, read, started
from tests.director_api.profile_types import MICROSOFT_OAUTH
from tests.director_api.scripted_actor import AUTHENTICATED, ScriptedActor
from tests.director_api.test_verification import code_of

CAPABILITIES = {"step": "capabilities", "outcome": "ok", "milliseconds": 2}
TLS = {"step": "tls", "outcome": "ok", "milliseconds": 3}
LOGGING_IN = [CAPABILITIES, TLS, CAPABILITIES]
REFUSED = {"step": "authenticate", "outcome": "failed", "code": "auth_account_locked", "milliseconds": 4}
SECURED = {"host": "imap.example.test", "encryption": "starttls"}
BY_TOKEN = {
    "account": {"username": "box@example.test"},
    "incoming": {**SECURED, "authentication": "xoauth2"},
    "oauth": MICROSOFT_OAUTH,
}
BUDGET = 5


async def _leases_given(
    director: RunningDirector, actor: ScriptedActor, told: list[dict[str, Any]], **fields: Any
) -> int:
    """Let every lease lapse after the progress ``told``; count those of three verifications."""
    profile = await director.profile(actor, **{"incoming": SECURED, **fields})
    given = 0
    for _ in range(3):
        await director.verify(profile)
        while leases := await actor.poll():
            given += 1
            await actor.renew(leases[0], progress=told)
            await director.pass_time(61)
    return given


async def test_a_login_that_was_under_way_when_its_lease_lapsed_counts(director: RunningDirector) -> None:
    assert await _leases_given(director, await director.enroll("vm-1"), LOGGING_IN) == BUDGET


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ([], {}),
        ([CAPABILITIES], {}),
        ([*LOGGING_IN, AUTHENTICATED], {}),
        (LOGGING_IN, BY_TOKEN),
    ],
    ids=["nothing told", "not encrypted yet", "accepted", "a token and no password"],
)
async def test_what_no_server_counted_costs_nothing(
    director: RunningDirector, told: list[dict[str, Any]], fields: dict[str, Any]
) -> None:
    assert await _leases_given(director, await director.enroll("vm-1"), told, **fields) == 9


async def test_a_refusal_that_was_told_before_the_silence_ends_the_check(director: RunningDirector) -> None:
    first, second = await director.enroll("vm-1"), await director.enroll("vm-2")
    run = await director.verify(await director.profile(first, second, incoming=SECURED))
    (lease,) = await first.poll()
    await first.renew(lease, progress=[*LOGGING_IN, REFUSED])
    await director.pass_time(61)
    assert (await first.poll(), await second.poll()) == ([], [])
    ended = await director.verification(run)
    told = [(check["failure_code"], check["attempts"]) for check in ended["checks"]]
    assert told == [("auth_account_locked", 1), ("auth_not_attempted", 0)]


async def test_a_refusal_that_comes_too_late_to_count_as_a_result_counts_once_as_a_login(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor, incoming=SECURED)
    for _ in range(BUDGET):
        run = await director.verify(profile)
        (lease,) = await actor.poll()
        await director.pass_time(61)
        for _ in range(2):
            late = await actor.report(lease, failure_code="auth_invalid_credentials")
            assert (late.status_code, late.json()["code"]) == (409, "lease_superseded")
        await director.operator.post(f"/verifications/{run['id']}/cancel")
    run = await director.verify(profile)
    assert await actor.poll() == []
    assert (await director.verification(run))["checks"][0]["failure_code"] == "auth_budget_exhausted"


async def test_a_login_that_was_counted_with_its_lease_is_not_counted_again(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor, incoming=SECURED)
    run = await director.verify(profile)
    for _ in range(2):
        (lease,) = await actor.poll()
        await actor.renew(lease, progress=LOGGING_IN)
        await director.pass_time(61)
        await actor.report(lease, failure_code="auth_invalid_credentials")
    (lease,) = await actor.poll()
    assert (await actor.report(lease, code=await code_of(director, profile))).json()["state"] == "verified"
    assert (await director.verification(run))["checks"][0]["attempts"] == 2
    for _ in range(BUDGET - 2):
        await director.verify(profile)
        (lease,) = await actor.poll()
        await actor.report(lease, failure_code="auth_invalid_credentials")
    await director.verify(profile)
    assert await actor.poll() == []


async def test_logins_of_drafts_that_were_lost_count_too(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    for _ in range(BUDGET - 1):
        run = await started(director, draft(actor, incoming=SECURED))
        (lease,) = await actor.poll()
        await actor.renew(lease, progress=[*LOGGING_IN, REFUSED])
        await pass_time(director, 61)
        assert (await read(director, run))["checks"][0]["failure_code"] == "auth_account_locked"
    run = await started(director, draft(actor, incoming=SECURED))
    (lease,) = await actor.poll()
    await pass_time(director, 61)
    late = await actor.report(lease, failure_code="auth_invalid_credentials")
    assert (late.status_code, late.json()["code"]) == (409, "lease_superseded")
    assert await actor.poll() == []
    assert (await read(director, run))["checks"][0]["failure_code"] == "auth_budget_exhausted"


@pytest.mark.parametrize("kind", ["check", "draft"])
async def test_a_login_that_was_under_way_when_a_person_cancelled_counts(
    director: RunningDirector, kind: str
) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor, incoming=SECURED)
    given = 0
    for _ in range(BUDGET + 1):
        if kind == "check":
            cancel = f"/verifications/{(await director.verify(profile))['id']}/cancel"
        else:
            run = await started(director, draft(actor, incoming=SECURED))
            cancel = f"/connectivity-checks/{run['id']}/cancel"
        for lease in await actor.poll():
            given += 1
            await actor.renew(lease, progress=LOGGING_IN)
        await director.operator.post(cancel)
    assert given == BUDGET
