"""What is old goes, in small steps; what may still be needed stays."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from director_api.audit.models import AuditEntry
from director_api.clock import utc_now
from director_api.forgetting import forgetting
from director_api.forgetting.forgetting import Forgetting, Kept
from director_api.verifications.models import Check, Lease, Verification
from tests.director_api.conftest import RunningDirector

LATER = timedelta(days=91)


async def counted(director: RunningDirector, table: type[Any]) -> int:
    async with director.app.state.database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def forget(director: RunningDirector, after: timedelta = LATER, kept: Kept = Kept()) -> int:  # noqa: B008  # because it is immutable
    async def no_pause(_: float) -> None:
        pass

    return await Forgetting(director.app.state.database, kept, lambda: utc_now() + after, no_pause).round()


async def verified_before(director: RunningDirector, times: int) -> list[str]:
    """Run verifications of one profile to their end, one after another; return their ids."""
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    ids = []
    for _ in range(times):
        ids.append((await director.verify(profile))["id"])
        (lease,) = await actor.poll(wait_seconds=5)
        await actor.report(lease, failure_code="mailbox_unavailable")
    return ids


async def test_old_verifications_go_in_steps_and_the_last_one_stays(
    director: RunningDirector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    ids = await verified_before(director, 4)
    assert await forget(director, timedelta(days=89)) == 0
    assert await forget(director) == 3
    for number, run_id in enumerate(ids):
        answer = await director.viewer.get(f"/verifications/{run_id}")
        assert answer.status_code == (200 if number == 3 else 404)
    assert [await counted(director, table) for table in (Verification, Check, Lease)] == [1, 1, 1]


async def test_what_runs_stays_however_old(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    profile = await director.profile(actor)
    await director.verify(profile)
    assert await forget(director) == 0
    assert await counted(director, Check) == 1


async def test_the_audit_log_is_kept_unless_a_time_is_set(director: RunningDirector) -> None:
    await director.zone("z")
    before = await counted(director, AuditEntry)
    await forget(director, timedelta(days=4000))
    assert await counted(director, AuditEntry) == before
    removed = await forget(director, timedelta(days=3), Kept(audit=timedelta(days=2)))
    assert removed == before > 0
    assert await counted(director, AuditEntry) == 0


async def test_nothing_is_forgotten_where_it_is_kept_for_ever(director: RunningDirector) -> None:
    await verified_before(director, 2)
    assert await forget(director, timedelta(days=4000), Kept(runs=None)) == 0
    assert await counted(director, Verification) == 2
