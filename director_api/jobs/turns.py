"""Whose turn it is among the jobs that log in to a mailbox (the reasons: ``verifications.turns``)."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import one_of
from director_api.jobs.models import Job, JobRun
from director_api.verifications import turns
from director_api.verifications.state_machine import CheckState


async def waits_until(session: AsyncSession, run: JobRun) -> datetime | None:
    """Return when the lease ends that a job of ``run`` must wait for; null when it is its turn."""
    if run.account is None:
        return None
    if turns.admits_one_reader(run):
        return await turns.reader_until(session, run)
    if run.authenticated:
        return None
    end: datetime | None = await session.scalar(
        select(func.max(Job.lease_expires_at)).where(
            Job.run_id == run.id, one_of(Job.state, CheckState.LEASED)
        )
    )
    return end
