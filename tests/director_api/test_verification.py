"""A verification through the Actor protocol: proof, lies, lapses, waits. Manual mode needs no mail server."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from director_api.clock import utc_now
from tests.director_api.conftest import RunningDirector
from tests.director_api.scripted_actor import AUTHENTICATED
from wire_contract.verification_code import locator_of, new_code

BOUND = 10.0


async def code_of(director: RunningDirector, profile: dict[str, object]) -> str:
    """Read the manual code as a person does."""
    answer = await director.operator.get(f"/email-profiles/{profile['id']}/verification-code")
    code: str = answer.json()["verification_uuid"]
    assert answer.json()["subject"] == f"({code})"
    assert answer.headers["cache-control"] == "no-store"
    return code


async def test_the_right_code_makes_a_profile_verified(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    assert profile["account_status"] == "unverified"
    run = await director.verify(profile)
    (lease,) = await actor.poll()
    code = await code_of(director, profile)
    assert lease["locator"] == locator_of(code)
    assert code not in str(lease)
    evidence = {"folder": "INBOX", "message_id": "<1@x>", "received": [{"by": "mx", "from": "a", "at": None}]}
    answer = await actor.report(lease, code=code, evidence=evidence, diagnostics=[AUTHENTICATED])
    assert answer.json() == {"state": "verified", "failure_code": None}
    ended = await director.verification(run)
    assert (ended["state"], ended["outcome"]) == ("finished", "verified")
    assert ended["checks"][0]["proof"] == "manual"
    assert ended["checks"][0]["evidence"]["received"][0]["from"] == "a"
    shown = (await director.viewer.get(f"/email-profiles/{profile['id']}")).json()
    assert shown["account_status"] == "verified"
    assert shown["actors"][0]["status"] == "verified"
    assert shown["running_verification_id"] is None


async def test_credentials_are_sealed_to_the_actor_and_the_lease(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await director.verify(await director.profile(actor))
    (lease,) = await actor.poll()
    assert "s3cret-of-the-box" not in str(lease)
    opened = actor.unseal(lease)
    assert (opened["username"], opened["password"]) == ("box", "s3cret-of-the-box")
    assert (opened["header"]["lease_id"], opened["header"]["actor_id"]) == (lease["id"], actor.id)
    assert (opened["header"]["alg"], opened["header"]["enc"]) == ("ECDH-ES", "A256GCM")


@pytest.mark.parametrize("lie", ["another code", "the locator made up to a code"])
async def test_a_liar_ends_unverified(director: RunningDirector, lie: str) -> None:
    actor = await director.enroll("liar")
    profile = await director.profile(actor)
    run = await director.verify(profile)
    (lease,) = await actor.poll()
    guess = new_code() if lie == "another code" else lease["locator"] + "x" * 18
    answer = await actor.report(lease, code=guess, diagnostics=[AUTHENTICATED])
    assert answer.json() == {"state": "unverified", "failure_code": "code_mismatch"}
    assert (await director.verification(run))["outcome"] == "unverified"


async def test_having_connected_proves_nothing(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    run = await director.verify(await director.profile(actor))
    (lease,) = await actor.poll()
    answer = await actor.report(lease, connected=True, diagnostics=[AUTHENTICATED])
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/connected")
    assert (await director.verification(run))["checks"][0]["state"] == "leased"


async def test_the_right_one_of_many_look_alikes_wins(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    await director.verify(profile)
    (lease,) = await actor.poll()
    planted = [lease["locator"] + f"{number:018}" for number in range(9)]
    answer = await actor.report(
        lease, code=planted[0], other_codes=[*planted[1:], await code_of(director, profile)]
    )
    assert answer.json()["state"] == "verified"


async def test_anothers_lease_does_not_exist(director: RunningDirector) -> None:
    owner, thief = await director.enroll("owner"), await director.enroll("thief")
    profile = await director.profile(owner)
    run = await director.verify(profile)
    (lease,) = await owner.poll()
    assert await thief.poll() == []
    code = await code_of(director, profile)
    for answer in (await thief.renew(lease), await thief.report(lease, code=code)):
        assert (answer.status_code, answer.json()["code"]) == (404, "lease_not_found")
    assert (await director.verification(run))["checks"][0]["state"] == "leased"


async def test_a_lapsed_lease_is_given_again_and_the_late_result_of_the_first_counts_if_right(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    await director.verify(profile)
    (first,) = await actor.poll()
    await director.pass_time(61)
    (second,) = await actor.poll()
    assert second["check_id"] == first["check_id"]
    wrong = await actor.report(first, failure_code="tcp_refused")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "lease_superseded")
    assert (await actor.renew(first)).json()["state"] == "cancelled"
    right = await actor.report(first, code=await code_of(director, profile))
    assert right.json()["state"] == "verified"
    repeated = await actor.report(second, failure_code="tcp_refused")
    assert (repeated.status_code, repeated.json()["state"]) == (200, "verified")


async def test_a_lease_that_is_given_again_after_the_search_was_over_leaves_time_for_a_last_one(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    await director.verify(profile)
    (first,) = await actor.poll()
    for _ in range(11):  # for the ten minutes of the search the Actor is at it, and then falls silent
        await director.pass_time(55)
        await actor.renew(first)
    await director.pass_time(61)
    (again,) = await actor.poll()
    await director.pass_time(1)
    assert (await actor.renew(again)).json()["search_seconds_left"] == 0
    found = await actor.report(again, code=await code_of(director, profile))
    assert found.json()["state"] == "verified"


async def test_three_lapses_lose_the_lease(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    run = await director.verify(await director.profile(actor))
    for _ in range(3):
        assert len(await actor.poll()) == 1
        await director.pass_time(61)
    check = (await director.verification(run))["checks"][0]
    assert (check["failure_code"], check["attempts"]) == ("lease_lost", 3)


async def test_a_hand_back_is_given_again_when_its_time_has_come(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    run = await director.verify(await director.profile(actor))
    (lease,) = await actor.poll()
    later = (utc_now() + timedelta(seconds=30)).isoformat()
    assert (await actor.hand_back(lease, later)).status_code == 204
    assert await actor.poll() == []
    await director.pass_time(31)
    assert len(await actor.poll()) == 1
    assert (await director.verification(run))["checks"][0]["attempts"] == 0


async def test_an_actor_that_stays_away_is_offline(director: RunningDirector) -> None:
    actor = await director.enroll("away")
    run = await director.verify(await director.profile(actor))
    await director.pass_time(179)
    assert (await director.verification(run))["state"] == "running"
    await director.pass_time(2)
    check = (await director.verification(run))["checks"][0]
    assert check["failure_code"] == "actor_offline"
    assert check["hint"]


async def test_an_early_end_of_the_search_is_not_taken(director: RunningDirector) -> None:
    actor = await director.enroll("hasty")
    run = await director.verify(await director.profile(actor))
    (lease,) = await actor.poll()
    answer = await actor.report(lease, failure_code="code_not_found", diagnostics=[AUTHENTICATED])
    assert answer.json() == {"state": "queued", "failure_code": None}
    await director.pass_time(601)
    (lease,) = await actor.poll()
    assert (await actor.renew(lease)).json()["search_seconds_left"] == 0
    answer = await actor.report(lease, failure_code="code_not_found", diagnostics=[AUTHENTICATED])
    assert answer.json()["failure_code"] == "code_not_found"
    assert (await director.verification(run))["outcome"] == "unverified"


async def test_until_a_login_worked_one_actor_tries(director: RunningDirector) -> None:
    first, second = await director.enroll("first"), await director.enroll("second")
    run = await director.verify(await director.profile(first, second))
    (lease,) = await first.poll()
    assert await second.poll() == []
    await first.renew(lease, progress=[AUTHENTICATED])
    assert len(await second.poll(wait_seconds=BOUND)) == 1
    assert (await director.verification(run))["state"] == "running"


async def test_a_check_that_must_wait_keeps_no_other_back(director: RunningDirector) -> None:
    first, second = await director.enroll("first"), await director.enroll("second")
    await director.verify(await director.profile(first, second))
    free = await director.verify(await director.profile(second))
    assert len(await first.poll()) == 1
    (lease,) = await second.poll(capacity=1)
    assert lease["check_id"] == free["checks"][0]["id"]


async def test_a_refused_login_spares_the_other_actors(director: RunningDirector) -> None:
    first, second = await director.enroll("first"), await director.enroll("second")
    run = await director.verify(await director.profile(first, second))
    (lease,) = await first.poll()
    await first.report(lease, failure_code="auth_invalid_credentials")
    checks = (await director.verification(run))["checks"]
    assert [check["failure_code"] for check in checks] == ["auth_invalid_credentials", "auth_not_attempted"]


async def test_a_pilot_that_fails_otherwise_leaves_the_others_their_turn(director: RunningDirector) -> None:
    first, second = await director.enroll("first"), await director.enroll("second")
    await director.verify(await director.profile(first, second))
    (lease,) = await first.poll()
    await first.report(lease, failure_code="tcp_timed_out")
    assert len(await second.poll(wait_seconds=BOUND)) == 1


async def test_failed_logins_spend_a_budget(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    for _ in range(5):
        await director.verify(profile)
        (lease,) = await actor.poll()
        await actor.report(lease, failure_code="auth_invalid_credentials")
    run = await director.verify(profile)
    assert await actor.poll() == []
    assert (await director.verification(run))["checks"][0]["failure_code"] == "auth_budget_exhausted"
    await director.pass_time(3601)
    await director.verify(profile)
    assert len(await actor.poll()) == 1, "attempts are free again an hour after the last failure"


@pytest.mark.parametrize(
    ("step", "code", "ending"),
    [
        ("authenticate", "protocol_violation", {"failure_code": "protocol_violation"}),
        ("authenticate", "reply_timed_out", {"failure_code": "reply_timed_out"}),
        ("smtp_authenticate", "auth_invalid_credentials", {"failure_code": "mailbox_not_found"}),
    ],
    ids=["a BAD answer", "no answer", "a refusal by the outgoing server"],
)
async def test_every_login_that_may_count_spends_the_budget(
    director: RunningDirector, step: str, code: str, ending: dict[str, str]
) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    failed = {"step": step, "outcome": "failed", "code": code, "milliseconds": 3}
    for _ in range(5):
        await director.verify(profile)
        (lease,) = await actor.poll()
        await actor.report(lease, diagnostics=[failed], **ending)
    run = await director.verify(profile)
    assert await actor.poll() == []
    assert (await director.verification(run))["checks"][0]["failure_code"] == "auth_budget_exhausted"


async def test_one_verification_runs_at_a_time(director: RunningDirector) -> None:
    actor, other = await director.enroll("vm-1"), await director.enroll("vm-2")
    profile = await director.profile(actor, other)
    verify = f"/email-profiles/{profile['id']}/verify"
    first = await director.operator.post(verify, json={"actor_ids": [actor.id]})
    again = await director.operator.post(verify, json={"actor_ids": [actor.id]})
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["id"] == again.json()["id"]
    more = await director.operator.post(verify)
    assert (more.status_code, more.json()["code"]) == (409, "verification_running")
    assert "vm-2" in more.json()["detail"]


async def test_cancelling_leaves_the_status_as_it_was(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    await director.verify(profile)
    (lease,) = await actor.poll()
    await actor.report(lease, code=await code_of(director, profile))
    run = await director.verify(profile)
    (lease,) = await actor.poll()
    cancelled = await director.operator.post(f"/verifications/{run['id']}/cancel")
    assert (cancelled.json()["state"], cancelled.json()["outcome"]) == ("cancelled", None)
    again = await director.operator.post(f"/verifications/{run['id']}/cancel")
    assert again.json() == cancelled.json()
    log = await director.admin.get("/audit-log", params={"action": "verification.cancelled"})
    assert len(log.json()["items"]) == 1, "what had ended was cancelled by nobody"
    assert (await actor.renew(lease)).json()["state"] == "cancelled"
    shown = (await director.viewer.get(f"/email-profiles/{profile['id']}")).json()
    assert shown["account_status"] == "verified"


async def test_a_change_ends_what_runs_and_an_older_result_touches_nothing(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    run = await director.verify(profile)
    (lease,) = await actor.poll()
    code = await code_of(director, profile)
    path = f"/email-profiles/{profile['id']}"
    changed = await director.operator.patch(path, json={"account": {"username": "new", "password": "new"}})
    assert changed.json()["revision"] == 2
    assert (await director.verification(run))["checks"][0]["failure_code"] == "profile_changed"
    assert (await actor.report(lease, code=code)).json()["state"] == "unverified"
    assert (await director.viewer.get(path)).json()["account_status"] == "unverified"
    assert await code_of(director, profile) != code


async def test_an_actor_that_is_taken_off_gets_no_secret_any_more(director: RunningDirector) -> None:
    stays, waits, holds = [await director.enroll(name) for name in ("stays", "waits", "holds")]
    profile = await director.profile(stays, waits, holds)
    run = await director.verify(profile)
    (lease,) = await holds.poll()
    change = {"actor_ids": [stays.id]}
    shown = await director.operator.patch(f"/email-profiles/{profile['id']}", json=change)
    assert shown.json()["revision"] == profile["revision"]
    assert await waits.poll() == []
    assert (await holds.renew(lease)).json()["state"] == "cancelled"
    states = {each["actor"]["name"]: each for each in (await director.verification(run))["checks"]}
    assert [states[name]["failure_code"] for name in ("stays", "waits", "holds")] == [
        None,
        "profile_changed",
        "profile_changed",
    ]
    (lease,) = await stays.poll()
    await stays.report(lease, code=await code_of(director, profile))
    assert (await director.verification(run))["state"] == "finished"


async def test_waiting_for_a_verification_ends_with_it(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    run = await director.verify(profile)
    assert (await director.verification(run, wait=0.1))["state"] == "running", "the time is over"
    waiting = asyncio.create_task(director.verification(run, wait=BOUND))
    (lease,) = await actor.poll()
    await actor.report(lease, code=await code_of(director, profile))
    assert (await waiting)["state"] == "finished"


async def test_automatic_mode_needs_a_mail_server(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor, send_verification_manually=False)
    answer: httpx.Response = await director.operator.post(f"/email-profiles/{profile['id']}/verify")
    assert (answer.status_code, answer.json()["code"]) == (409, "email_settings_missing")
    code = await director.operator.get(f"/email-profiles/{profile['id']}/verification-code")
    assert (code.status_code, code.json()["code"]) == (409, "not_manual")


async def test_mail_that_is_never_taken_ends_the_check(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    settings = {"from_address": "d@example.test", "host": "127.0.0.1", "port": 1}
    assert (await director.admin.put("/settings/email", json=settings)).status_code == 200
    run = await director.verify(await director.profile(actor, send_verification_manually=False))
    (lease,) = await actor.poll(wait_seconds=BOUND)
    await actor.renew(lease, progress=[AUTHENTICATED])
    await director.pass_time(1801)
    check = (await director.verification(run))["checks"][0]
    assert (check["failure_code"], check["mail"]) == ("send_deferred", "failed")


async def test_a_transcript_is_kept_for_the_servers_administrator(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    run = await director.verify(await director.profile(actor))
    [lease] = await actor.poll()
    step = {
        "step": "authenticate",
        "outcome": "failed",
        "code": "auth_invalid_credentials",
        "milliseconds": 3,
        "server_reply": "NO [AUTHENTICATIONFAILED] no",
    }
    said = ["== imap.example.test:993 ==", "S: * OK ready", "C: A1 LOGIN (not shown)", "S: \x1b[31mA1 NO"]
    await actor.report(lease, failure_code="auth_invalid_credentials", diagnostics=[step], transcript=said)
    [check] = (await director.verification(run))["checks"]
    path = f"/verifications/{run['id']}/checks/{check['id']}/transcript"
    answer = await director.viewer.get(path)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'Your server answered: "NO [AUTHENTICATIONFAILED] no"' in answer.text
    assert "S: * OK ready" in answer.text
    assert "\x1b" not in answer.text
    assert (await director.viewer.get(path.replace(check["id"], run["id"]))).status_code == 404
