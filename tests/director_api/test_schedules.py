"""Scheduled verifications and the notices of secrets that expire."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from director_api.clock import new_id
from director_api.email_profiles.schedule import next_run
from director_api.email_profiles.secret_expiry import next_notice
from director_api.events import publisher
from director_api.events.models import Event
from tests.director_api import profile_types as types
from tests.director_api.conftest import RunningDirector
from tests.director_api.scripted_actor import AUTHENTICATED

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def pass_until(director: RunningDirector, moment: str, seconds: float = 1) -> None:
    """Let time pass until a moment, and let the schedules look."""
    ahead = datetime.fromisoformat(moment) - director.clock()
    director.clock.ahead += ahead + timedelta(seconds=seconds)
    await director.app.state.schedules.round()


async def runs_of(director: RunningDirector, profile: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await director.viewer.get(f"/email-profiles/{profile['id']}/verifications")
    runs: list[dict[str, Any]] = answer.json()["items"]
    return runs


def test_a_thousand_schedules_are_spread_over_their_period() -> None:
    hours = Counter[int]()
    for _ in range(1000):
        profile_id = new_id()
        first = next_run(profile_id, 24, NOW)
        assert first is not None
        assert NOW < first <= NOW + timedelta(hours=24)
        assert next_run(profile_id, 24, first) == first + timedelta(hours=24)
        hours[int((first - NOW) / timedelta(hours=1))] += 1
    assert max(hours.values()) < 100
    assert len(hours) == 24


def test_notices_come_three_times_and_once_when_it_is_over() -> None:
    expires_at = NOW + timedelta(days=60)
    moments, after = [], NOW
    while (moment := next_notice(expires_at, after)) is not None:
        moments.append((expires_at - moment).days)
        after = moment
    assert moments == [30, 7, 1, 0]


async def test_a_secret_that_expired_ages_ago_is_only_expired(director: RunningDirector) -> None:
    app = {**types.GRAPH_APP, "client_secret_expires_at": "0001-01-01T00:00:00Z"}
    body = types.graph(await director.enroll("vm-1"), graph=app)
    made = await director.operator.post("/email-profiles", json=body)
    assert made.status_code == 201, made.text
    assert [warning["code"] for warning in made.json()["warnings"]] == ["secret_expired"]


async def test_a_schedule_verifies_at_its_time_and_doubles_nothing(director: RunningDirector) -> None:
    profile = await director.profile(await director.enroll("vm-1"), reverify_every_hours=1)
    first = profile["next_verification_at"]
    assert first is not None
    await director.app.state.schedules.round()
    assert await runs_of(director, profile) == []
    await asyncio.gather(pass_until(director, first), director.app.state.schedules.round())
    (run,) = await runs_of(director, profile)
    assert (run["trigger"], run["state"]) == ("schedule", "running")
    shown = (await director.viewer.get(f"/email-profiles/{profile['id']}")).json()
    second = datetime.fromisoformat(shown["next_verification_at"])
    assert second - datetime.fromisoformat(first) == timedelta(hours=1)
    assert shown["warnings"] == []
    await pass_until(director, shown["next_verification_at"])
    assert [run["id"] for run in await runs_of(director, profile)] == [run["id"]]
    off = await director.operator.patch(
        f"/email-profiles/{profile['id']}", json={"reverify_every_hours": None}
    )
    assert off.json()["next_verification_at"] is None


async def test_what_fell_due_while_no_director_ran_is_spread_over_an_hour(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profiles = [await director.profile(actor, reverify_every_hours=24) for _ in range(8)]
    director.clock.ahead += timedelta(days=3)
    await director.app.state.schedules.round()
    shown = [(await director.viewer.get(f"/email-profiles/{profile['id']}")).json() for profile in profiles]
    moments = {profile["next_verification_at"] for profile in shown}
    assert len(moments) == 8
    for moment in moments:
        late = datetime.fromisoformat(moment) - director.clock()
        assert timedelta() - timedelta(minutes=1) < late <= timedelta(hours=1)
    for moment in sorted(moments):
        await pass_until(director, moment)
    # A profile whose usual time comes within that hour is verified at both.
    assert {len(await runs_of(director, profile)) for profile in profiles} <= {1, 2}


async def test_a_schedule_that_cannot_start_says_why(director: RunningDirector) -> None:
    profile = await director.profile(
        await director.enroll("vm-1"), reverify_every_hours=1, send_verification_manually=False
    )
    await pass_until(director, profile["next_verification_at"])
    shown = (await director.viewer.get(f"/email-profiles/{profile['id']}")).json()
    (warning,) = shown["warnings"]
    assert warning["code"] == "scheduled_verification_not_started"
    assert "email_settings_missing" in warning["message"]
    assert shown["next_verification_at"] > profile["next_verification_at"]


async def test_each_notice_of_a_secret_is_told_once(
    director: RunningDirector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "RETENTION", timedelta(days=60))  # the log is read after a month
    actor = await director.enroll("vm-1")
    expires_at = director.clock() + timedelta(days=31)
    app = {**types.GRAPH_APP, "client_secret_expires_at": expires_at.isoformat()}
    made = (await director.operator.post("/email-profiles", json=types.graph(actor, graph=app))).json()
    assert made["warnings"] == []
    for days in (30, 7, 1, 0):
        moment = (expires_at - timedelta(days=days)).isoformat()
        await asyncio.gather(pass_until(director, moment), director.app.state.schedules.round())
        await director.app.state.schedules.round()
        shown = (await director.viewer.get(f"/email-profiles/{made['id']}")).json()
        (warning,) = shown["warnings"]
        assert warning["code"] == ("secret_expiring" if days else "secret_expired")
    told = await _told(director, UUID(made["id"]))
    assert told == [
        ("secret.expiring", 30),
        ("secret.expiring", 7),
        ("secret.expiring", 1),
        ("secret.expired", 0),
    ]


async def _told(director: RunningDirector, profile_id: UUID) -> list[tuple[str, int]]:
    async with director.app.state.database.read() as session:
        rows = await session.scalars(
            select(Event)
            .where(Event.profile_id == profile_id, Event.type.like("secret.%"))
            .order_by(Event.id)
        )
        return [(row.type, row.data["days_left"]) for row in rows]


async def test_a_scheduled_run_that_fails_tells_that_the_profile_is_verified_no_more(
    director: RunningDirector,
) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor, reverify_every_hours=1)
    await director.verify(profile)
    (lease,) = await actor.poll()
    code = await director.operator.get(f"/email-profiles/{profile['id']}/verification-code")
    await actor.report(lease, code=code.json()["verification_uuid"], diagnostics=[AUTHENTICATED])
    await pass_until(director, profile["next_verification_at"])
    (again,) = await actor.poll()
    await actor.report(again, failure_code="tls_certificate_expired")
    async with director.app.state.database.read() as session:
        rows = await session.scalars(
            select(Event).where(Event.type == "profile.status_changed").order_by(Event.id)
        )
        told = [row.data for row in rows]
    assert [each["account_status"] for each in told] == ["verified", "unverified"]
    (changed,) = told[-1]["actors"]
    assert (changed["previous_status"], changed["status"]) == ("verified", "unverified")
    assert changed["failure_code"] == "tls_certificate_expired"


async def test_a_refused_login_is_never_repeated_by_a_schedule(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor, reverify_every_hours=1)
    await director.verify(profile)
    (lease,) = await actor.poll()
    await actor.report(lease, failure_code="auth_invalid_credentials")
    await pass_until(director, profile["next_verification_at"])
    assert len(await runs_of(director, profile)) == 1
    shown = (await director.viewer.get(f"/email-profiles/{profile['id']}")).json()
    (warning,) = [each for each in shown["warnings"] if each["code"] == "scheduled_verification_not_started"]
    assert "login_refused" in warning["message"]
    changed = {"account": {"username": "box", "password": "a-new-one"}}
    etag = (await director.viewer.get(f"/email-profiles/{profile['id']}")).headers["ETag"]
    answer = await director.operator.patch(
        f"/email-profiles/{profile['id']}", json=changed, headers={"If-Match": etag}
    )
    assert answer.status_code == 200, answer.text
    await pass_until(director, shown["next_verification_at"])
    assert len(await runs_of(director, profile)) == 2
