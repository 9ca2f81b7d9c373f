"""Connectivity checks: drafts and saved profiles, several Actors side by side, logins one at a time."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from director_api.jobs.models import Job, JobRun
from director_api.jobs.sweep import JobSweep
from tests.director_api.conftest import RunningDirector, profile_body
from tests.director_api.scripted_actor import AUTHENTICATED, ScriptedActor

SECRET = "s3cret-of-the-box"
TIMED_OUT = {
    "step": "connect",
    "outcome": "failed",
    "code": "tcp_timed_out",
    "milliseconds": 10_000,
    "detail": {"host": "imap.example.test", "port": 143},
}


def draft(*actors: ScriptedActor, **fields: Any) -> dict[str, Any]:
    """Return a draft to try from ``actors``."""
    profile = {name: value for name, value in profile_body(**fields).items() if name != "actor_ids"}
    return {"profile": profile, "actor_ids": [actor.id for actor in actors]}


async def started(director: RunningDirector, body: dict[str, Any]) -> dict[str, Any]:
    """Start a connectivity check of a draft."""
    answer = await director.operator.post("/connectivity-checks", json=body)
    assert answer.status_code == 202, answer.text
    run: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/connectivity-checks/{run['id']}"
    return run


async def read(director: RunningDirector, run: dict[str, Any], wait: float = 0) -> dict[str, Any]:
    """Read a connectivity check."""
    answer = await director.viewer.get(f"/connectivity-checks/{run['id']}", params={"wait": wait})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def pass_time(director: RunningDirector, seconds: float) -> None:
    """Let time pass, and let the sweep of jobs look."""
    director.clock.ahead += timedelta(seconds=seconds)
    state = director.app.state
    sweep = JobSweep(state.database, state.lifecycle)
    while await sweep.sweep():
        pass
    await sweep.forget_old()


async def test_a_draft_is_tried_and_the_answers_stand_side_by_side(director: RunningDirector) -> None:
    internet, desktop = await director.enroll("vna-internet"), await director.enroll("vna-desktop")
    run = await started(director, draft(internet, desktop))
    assert (run["state"], run["profile_id"]) == ("running", None)

    (lease,) = await internet.poll()
    assert (lease["kind"], lease["locator"]) == ("connectivity", None)
    assert lease["target"]["incoming"]["host"] == "imap.example.test"
    assert internet.unseal(lease)["password"] == SECRET
    recorded = await internet.report(lease, connected=True, diagnostics=[AUTHENTICATED])
    assert recorded.json() == {"state": "connected", "failure_code": None}
    again = await internet.report(lease, connected=True)
    assert (again.status_code, again.json()["state"]) == (200, "connected")

    (lease,) = await desktop.poll()
    await desktop.report(lease, failure_code="tcp_timed_out", diagnostics=[TIMED_OUT])
    shown = await read(director, run, wait=5)
    assert shown["state"] == "finished"
    assert shown["summary"] == "vna-internet reaches it, vna-desktop does not: TCP 143 timed out."
    assert [check["state"] for check in shown["checks"]] == ["connected", "unverified"]
    assert shown["checks"][1]["diagnostics"][0]["field"] == "/incoming/port"
    assert SECRET not in str(shown)


async def test_where_nobody_reaches_it_the_sentence_says_so(director: RunningDirector) -> None:
    only = await director.enroll("vm-1")
    run = await started(director, draft(only))
    (lease,) = await only.poll()
    await only.report(lease, failure_code="tcp_timed_out", diagnostics=[TIMED_OUT])
    shown = await read(director, run, wait=5)
    assert shown["summary"] == "No Actor reaches it: TCP 143 timed out on vm-1."


async def test_a_transcript_is_kept_with_what_to_ask(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    run = await started(director, draft(actor))
    (lease,) = await actor.poll()
    said = ["== imap.example.test:143 ==", "S: * BYE \x1b[31mfull"]
    await actor.report(lease, failure_code="greeting_refused", transcript=said)
    (check,) = (await read(director, run, wait=5))["checks"]
    path = f"/connectivity-checks/{run['id']}/checks/{check['id']}/transcript"
    answer = await director.viewer.get(path)
    assert answer.status_code == 200
    assert "Could you look at your logs" in answer.text
    assert "== imap.example.test:143 ==\nS: * BYE" in answer.text
    assert "\x1b" not in answer.text
    elsewhere = await director.viewer.get(path.replace(run["id"], check["id"]))
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "not_found")


async def test_the_secrets_of_a_draft_end_with_its_check_and_the_check_after_a_day(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    run = await started(director, draft(actor))
    async with director.app.state.database.read() as session:
        stored = await session.scalar(select(JobRun.secrets_encrypted))
    assert stored
    assert SECRET.encode() not in stored
    (lease,) = await actor.poll()
    await actor.report(lease, connected=True)
    async with director.app.state.database.read() as session:
        assert await session.scalar(select(JobRun.secrets_encrypted)) is None
    await pass_time(director, 24 * 3600 + 1)
    assert (await director.viewer.get(f"/connectivity-checks/{run['id']}")).status_code == 404
    async with director.app.state.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Job)) == 0


async def test_a_draft_borrows_no_stored_secret(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await director.profile(actor)
    body = draft(actor, account={"username": "box"})
    answer = await director.operator.post("/connectivity-checks", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/profile/account/password"


async def test_where_from_is_said_once_and_must_exist(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    nowhere = await director.operator.post("/connectivity-checks", json=draft())
    assert nowhere.json()["errors"][0]["pointer"] == "/actor_ids"
    twice = {**draft(actor), "all": True}
    assert (await director.operator.post("/connectivity-checks", json=twice)).status_code == 422
    empty = {"profile": draft()["profile"], "security_zone_id": await director.zone("empty")}
    answer = await director.operator.post("/connectivity-checks", json=empty)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_actors")


async def test_a_whole_zone_or_all_actors_try(director: RunningDirector) -> None:
    zone = await director.zone("dmz")
    inside, outside = await director.enroll("a-dmz", zone), await director.enroll("b-out")
    profile = draft()["profile"]
    of_zone = await started(director, {"profile": profile, "security_zone_id": zone})
    assert [check["actor"]["id"] for check in of_zone["checks"]] == [inside.id]
    of_all = await started(director, {"profile": profile, "all": True})
    assert [check["actor"]["id"] for check in of_all["checks"]] == [inside.id, outside.id]


async def test_one_actor_logs_in_first_and_a_refusal_keeps_the_others_from_trying(
    director: RunningDirector,
) -> None:
    first, second = await director.enroll("vm-1"), await director.enroll("vm-2")
    run = await started(director, draft(first, second))
    (lease,) = await first.poll()
    assert await second.poll() == []
    await first.report(lease, failure_code="auth_invalid_credentials")
    shown = await read(director, run)
    codes = [check["failure_code"] for check in shown["checks"]]
    assert (shown["state"], codes) == ("finished", ["auth_invalid_credentials", "auth_not_attempted"])


async def test_a_login_that_worked_lets_the_others_try(director: RunningDirector) -> None:
    first, second = await director.enroll("vm-1"), await director.enroll("vm-2")
    await started(director, draft(first, second))
    (lease,) = await first.poll()
    await first.renew(lease, progress=[AUTHENTICATED])
    assert len(await second.poll()) == 1


async def test_refused_logins_of_drafts_spend_the_accounts_budget(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    for _ in range(5):
        await started(director, draft(actor))
        (lease,) = await actor.poll()
        await actor.report(lease, failure_code="auth_invalid_credentials")
    run = await started(director, draft(actor))
    assert await actor.poll() == []
    assert (await read(director, run))["checks"][0]["failure_code"] == "auth_budget_exhausted"


async def test_pop3_admits_one_reader_be_it_a_check_or_a_draft(director: RunningDirector) -> None:
    first, second = await director.enroll("vm-1"), await director.enroll("vm-2")
    profile = await director.profile(first, server_type="pop3")
    await director.verify(profile)
    assert len(await first.poll()) == 1
    run = await started(director, draft(second, server_type="pop3"))
    assert await second.poll() == []
    assert (await read(director, run))["checks"][0]["state"] == "queued"


async def test_a_saved_profile_is_tried_and_its_status_stays(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    answer = await director.operator.post(f"/email-profiles/{profile['id']}/connectivity-check")
    assert (answer.status_code, answer.json()["profile_id"]) == (202, profile["id"])
    (lease,) = await actor.poll()
    assert actor.unseal(lease)["password"] == SECRET
    await actor.report(lease, connected=True, diagnostics=[AUTHENTICATED])
    assert (await read(director, answer.json()))["summary"] == "vm-1 reaches it."
    after = (await director.viewer.get(f"/email-profiles/{profile['id']}")).json()
    assert after["account_status"] == "unverified"


async def test_no_actor_outside_of_the_profiles_zone_is_given_its_secrets(director: RunningDirector) -> None:
    zone, other = await director.zone("dmz"), await director.zone("office")
    inside, beside = await director.enroll("in", zone), await director.enroll("beside", zone)
    outside = await director.enroll("out", other)
    profile = await director.profile(inside, security_zone_id=zone)
    path = f"/email-profiles/{profile['id']}/connectivity-check"
    for where, pointer, code in (
        ({"actor_ids": [beside.id, outside.id]}, "/actor_ids/1", "actor_not_in_zone"),
        ({"security_zone_id": other}, "/security_zone_id", "not_possible"),
    ):
        refused = (await director.operator.post(path, json=where)).json()
        assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [(pointer, code)]
    everyone = (await director.operator.post(path, json={"all": True})).json()
    assert {check["actor"]["id"] for check in everyone["checks"]} == {inside.id, beside.id}
    limited = {"profile": {**draft()["profile"], "security_zone_id": zone}, "actor_ids": [outside.id]}
    refused = (await director.operator.post("/connectivity-checks", json=limited)).json()
    assert refused["errors"][0]["code"] == "actor_not_in_zone"


async def test_an_actor_that_was_taken_off_meanwhile_is_not_asked(director: RunningDirector) -> None:
    stays, leaves, asked = [await director.enroll(name) for name in ("stays", "leaves", "asked")]
    profile = await director.profile(stays, leaves)
    path = f"/email-profiles/{profile['id']}"
    run = (await director.operator.post(f"{path}/connectivity-check")).json()
    other = await director.operator.post(f"{path}/connectivity-check", json={"actor_ids": [asked.id]})
    (lease,) = await asked.poll()
    assert lease["check_id"] == other.json()["checks"][0]["id"]
    await director.operator.patch(path, json={"actor_ids": [stays.id]})
    assert await leaves.poll() == []
    codes = [check["failure_code"] for check in (await read(director, run))["checks"]]
    assert codes == [None, "profile_changed"]


async def test_a_profile_that_changed_meanwhile_is_not_tried(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    path = f"/email-profiles/{profile['id']}"
    run = (await director.operator.post(f"{path}/connectivity-check")).json()
    change = {"account": {"username": "other", "password": "another-s3cret"}}
    assert (await director.operator.patch(path, json=change)).status_code == 200
    assert await actor.poll() == []
    assert (await read(director, run))["checks"][0]["failure_code"] == "profile_changed"


async def test_an_actor_that_stays_away_and_leases_that_lapse_end_the_check(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    away = await started(director, draft(actor))
    await pass_time(director, 181)
    assert (await read(director, away))["checks"][0]["failure_code"] == "actor_offline"

    lost = await started(director, draft(actor))
    leases = []
    for _ in range(3):
        leases += await actor.poll()
        await pass_time(director, 61)
    shown = (await read(director, lost))["checks"][0]
    assert (shown["failure_code"], shown["attempts"]) == ("lease_lost", 3)
    late = await actor.report(leases[-1], connected=True)
    assert late.json()["failure_code"] == "lease_lost"


async def test_a_superseded_lease_proves_nothing(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await started(director, draft(actor))
    (old,) = await actor.poll()
    await pass_time(director, 61)
    assert len(await actor.poll()) == 1
    answer = await actor.report(old, connected=True)
    assert (answer.status_code, answer.json()["code"]) == (409, "lease_superseded")
    assert (await actor.renew(old)).json()["state"] == "cancelled"


async def test_a_cancelled_check_is_called_off(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    run = await started(director, draft(actor))
    (lease,) = await actor.poll()
    cancelled = await director.operator.post(f"/connectivity-checks/{run['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    assert (await actor.renew(lease)).json()["state"] == "cancelled"


async def test_a_job_that_never_ends_is_ended(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    run = await started(director, draft(actor))
    (lease,) = await actor.poll()
    answers = []
    for _ in range(16):
        director.clock.ahead += timedelta(seconds=40)
        answers.append((await actor.renew(lease)).json()["state"])
    assert (answers[0], answers[-1]) == ("continue", "cancelled")
    assert (await read(director, run))["checks"][0]["failure_code"] == "actor_error"


async def test_a_code_is_no_answer_to_a_connectivity_check(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    await started(director, draft(actor))
    (lease,) = await actor.poll()
    answer = await actor.report(lease, code="a" * 26)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/code")
