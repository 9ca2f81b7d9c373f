"""The order of locks: a saved profile, then the run that tries it, then the run's jobs.

It continues the order of ``verifications.locking``: what deletes or changes a profile, what an Actor says of
a job, and a lease wait for each other in one queue and never in a circle.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import among
from director_api.jobs.models import Job, JobRun
from director_api.verifications.locking import locked_profile, locked_profiles


async def locked_run(session: AsyncSession, run_id: UUID) -> JobRun | None:
    """Lock a run's profile, where it has one, then the run, and read both anew; null where one is gone."""
    return await _locked(session, run_id)


async def locked_job(session: AsyncSession, job_id: UUID) -> tuple[JobRun, Job] | None:
    """Lock a job's run as :func:`locked_run` does, then the job; null where one is gone."""
    run = await _locked(session, select(Job.run_id).where(Job.id == job_id).scalar_subquery())
    if run is None:
        return None
    job = await session.get(Job, job_id, with_for_update=True, populate_existing=True)
    return None if job is None else (run, job)


async def locked_jobs(
    session: AsyncSession, profile_ids: Mapping[UUID, UUID | None], *, skip_locked: bool
) -> Sequence[tuple[JobRun, Job]]:
    """Lock jobs, given with their runs' profiles, as :func:`locked_job` locks one: all in three statements.

    They are in the order of their runs. Those are left out that are gone, or held by another and ``skip_locked``.
    """
    wanted = {profile_id for profile_id in profile_ids.values() if profile_id is not None}
    profiles = await locked_profiles(session, wanted, skip_locked=skip_locked) if wanted else ()
    rows = await session.execute(
        select(JobRun, Job)
        .join(Job, Job.run_id == JobRun.id)
        .where(
            among(Job.id, profile_ids),
            or_(JobRun.profile_id.is_(None), among(JobRun.profile_id, [each.id for each in profiles])),
        )
        .order_by(JobRun.id)
        .with_for_update(of=[JobRun, Job], skip_locked=skip_locked)  # in this order
        .execution_options(populate_existing=True)
    )
    return [(run, job) for run, job in rows]


async def _locked(session: AsyncSession, run_id: Any) -> JobRun | None:
    found = await session.execute(select(JobRun.id, JobRun.profile_id).where(JobRun.id == run_id))
    for own_id, profile_id in found:
        if profile_id is None or await locked_profile(session, profile_id) is not None:
            return await session.get(JobRun, own_id, with_for_update=True, populate_existing=True)
    return None
