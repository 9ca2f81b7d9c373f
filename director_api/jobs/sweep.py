"""What happens to a job by time alone: an Actor that stays away, a lease that lapses, a run of yesterday."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.database import Database
from director_api.jobs import lifecycle as following
from director_api.jobs import turns
from director_api.jobs.locking import locked_job
from director_api.jobs.models import Job, JobRun
from director_api.loops import swept, whole
from director_api.mail_settings.service import offline_after
from director_api.verifications import logins, state_machine
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.state_machine import CheckState
from wire_contract.failure_codes import FailureCode

KEPT = timedelta(days=1)
_FORGET_EVERY = timedelta(hours=1)
_AT_ONCE = 100


class JobSweep:
    """Looks at each job when its deadline has come, and removes runs that are a day old."""

    def __init__(self, database: Database, lifecycle: Lifecycle) -> None:
        self._database = database
        self._lifecycle = lifecycle
        self._forget_at = lifecycle.now()

    async def run(self) -> None:
        """Sweep until cancelled: at the next deadline, and when an earlier one is set."""
        while True:
            await swept(self.sweep, self._next_deadline, self._lifecycle.job_deadlines, self._lifecycle.now)
            if self._forget_at <= self._lifecycle.now():
                await whole(self.forget_old())

    async def sweep(self) -> int:
        """Treat the jobs whose deadline has come. Returns how many there were."""
        now = self._lifecycle.now()
        async with self._database.read() as session:
            rows = await session.scalars(
                select(Job.id).where(Job.deadline_at <= now).order_by(Job.deadline_at).limit(_AT_ONCE)
            )
            ids = rows.all()
        for job_id in ids:  # each by itself, since it waits for its profile
            async with self._database.write() as session:
                await self._treat(session, job_id, now)
        return len(ids)

    async def forget_old(self) -> None:
        """Remove the runs that ended and are a day old."""
        now = self._lifecycle.now()
        self._forget_at = now + _FORGET_EVERY
        async with self._database.write() as session:
            await session.execute(
                delete(JobRun).where(JobRun.started_at <= now - KEPT, JobRun.state != "running")
            )

    async def _treat(self, session: AsyncSession, job_id: UUID, now: datetime) -> None:
        found = await locked_job(session, job_id)
        if found is None:
            return
        run, job = found
        if job.deadline_at is None or job.deadline_at > now:
            return  # another Director, or the Actor, was faster
        if job.state == CheckState.QUEUED:
            await self._queued_too_long(session, run, job)
        else:
            await self._lapsed(session, run, job, now)

    async def _queued_too_long(self, session: AsyncSession, run: JobRun, job: Job) -> None:
        other = await turns.kept_until(session, run, self._lifecycle.now())
        if other is None:
            failed = state_machine.fail(following.status_of(job), FailureCode.ACTOR_OFFLINE)
            await following.apply(session, self._lifecycle, run, job, failed)
            return
        # It was kept waiting by us, behind another Actor.
        job.offline_at = other + await offline_after(session)
        following.touch(session, self._lifecycle, job)

    async def _lapsed(self, session: AsyncSession, run: JobRun, job: Job, now: datetime) -> None:
        refused = await logins.record_silence(session, run, job.lease_id, job.diagnostics, now)
        status = state_machine.lapse(following.status_of(job), refused)
        if status.state is CheckState.QUEUED:
            offline = await offline_after(session)
            await following.requeue(
                session, self._lifecycle, run, job, status, look_at=now, offline_after=offline
            )
            return
        await following.apply(session, self._lifecycle, run, job, status)
        if refused and not run.authenticated:
            await following.end_waiting(session, self._lifecycle, run, FailureCode.AUTH_NOT_ATTEMPTED)

    async def _next_deadline(self) -> datetime | None:
        async with self._database.read() as session:
            at: datetime | None = await session.scalar(select(func.min(Job.deadline_at)))
        return at
