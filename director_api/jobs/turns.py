"""Whose turn it is among the jobs that log in to a mailbox (the reasons: ``verifications.turns``)."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.jobs.models import Job, JobRun, is_leased
from director_api.verifications import turns
from director_api.verifications.budget import logins_of
from director_api.verifications.logins import counted_since


async def kept_until(session: AsyncSession, run: JobRun, now: datetime) -> datetime | None:
    """Return when the lease ends behind which others of the account, or its turn, keep a job of ``run``."""
    turn = await waits_until(session, run)
    if turn is not None or run.account is None or run.authenticated:
        return turn
    spent = await logins_of(session, run.account, counted_since(now))
    return await turns.account_until(session, run.account) if spent.are_taken else None


async def waits_until(session: AsyncSession, run: JobRun) -> datetime | None:
    """Return when the lease ends that a job of ``run`` must wait for; null when it is its turn."""
    if run.account is None:
        return None
    if turns.admits_one_reader(run):
        return await turns.reader_until(session, run)
    if run.authenticated:
        return None
    if run.profile_id is not None:
        return await turns.tried_until(session, run.profile_id, run.revision)
    end: datetime | None = await session.scalar(
        select(func.max(Job.lease_expires_at)).where(Job.run_id == run.id, is_leased(Job))
    )
    return end
