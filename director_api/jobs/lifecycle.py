"""What follows when a job's state changes: deadlines, the run's end, who is woken.

Every change of a job goes through these functions, within the caller's transaction. A run's secrets
are dropped with its last open job.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import one_of
from director_api.database import after_commit
from director_api.email_profiles.models import EmailProfile
from director_api.jobs.models import Job, JobRun
from director_api.verifications import logins, state_machine
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.state_machine import OPEN, CheckState, CheckStatus, MailState
from director_api.wakeups import job_run_topic
from wire_contract.failure_codes import FailureCode


def status_of(job: Job) -> CheckStatus:
    """Return the part of a job that the state machine decides on."""
    failure = FailureCode(job.failure_code) if job.failure_code else None
    return CheckStatus(CheckState(job.state), MailState.NONE, job.attempts, failure)


async def apply(
    session: AsyncSession, lifecycle: Lifecycle, run: JobRun, job: Job, status: CheckStatus
) -> None:
    """Give ``job`` its new status; when that ends it, do what follows."""
    before = status_of(job)
    job.state, job.attempts, job.failure_code = status.state, status.attempts, status.failure_code
    if status.state is not CheckState.LEASED:
        job.lease_id = job.lease_expires_at = None
    touch(session, lifecycle, job)
    if before.is_open and not status.is_open:
        job.ended_at = lifecycle.now()
        await _finish(session, lifecycle, run)
    if status.state is CheckState.LEASED:
        return
    if before.state is CheckState.LEASED:
        await _offer_turn(session, lifecycle, run)
    else:
        await offer_waiting(session, lifecycle, run)


def touch(session: AsyncSession, lifecycle: Lifecycle, job: Job) -> None:
    """Set the job's next deadline and tell who watches its run that something changed."""
    job.deadline_at = {CheckState.QUEUED: job.offline_at, CheckState.LEASED: job.lease_expires_at}.get(
        CheckState(job.state)
    )
    lifecycle.tell(session, job_run_topic(job.run_id), everywhere=True)
    if job.deadline_at is not None:
        after_commit(session, partial(lifecycle.job_deadlines.set, job.deadline_at))


async def requeue(
    session: AsyncSession,
    lifecycle: Lifecycle,
    run: JobRun,
    job: Job,
    status: CheckStatus,
    *,
    look_at: datetime,
    offline_after: timedelta,
) -> None:
    """Put a job back for its Actor to take at ``look_at``."""
    job.look_at, job.offline_at = look_at, look_at + offline_after
    await apply(session, lifecycle, run, job, status)
    lifecycle.announce(session, job.actor_id, look_at)


async def login_worked(session: AsyncSession, lifecycle: Lifecycle, run: JobRun) -> None:
    """A login with the run's secrets worked, so the other Actors may try theirs."""
    if run.authenticated:
        return
    run.authenticated = True
    if run.profile_id is not None:
        profile = await session.get_one(EmailProfile, run.profile_id)  # which is locked: see locking
        if profile.revision == run.revision:
            profile.authenticated_revision = run.revision
    await _offer_turn(session, lifecycle, run)


async def _offer_turn(session: AsyncSession, lifecycle: Lifecycle, run: JobRun) -> None:
    """Tell who waits for a login of ``run``: all that would try the same profile, or the jobs of a draft."""
    if run.profile_id is None:
        await offer_waiting(session, lifecycle, run)
    else:
        await lifecycle.offer_turn(session, run.profile_id)


async def offer_waiting(session: AsyncSession, lifecycle: Lifecycle, run: JobRun) -> None:
    """Tell the Actors whose jobs wait that it may be their turn."""
    for job in await open_jobs(session, run):
        if job.state == CheckState.QUEUED:
            lifecycle.announce(session, job.actor_id, job.look_at)


async def end_waiting(session: AsyncSession, lifecycle: Lifecycle, run: JobRun, code: FailureCode) -> None:
    """End the jobs of a run that wait: one of them showed that they would fail too."""
    for job in await open_jobs(session, run):
        if job.state == CheckState.QUEUED:
            await apply(session, lifecycle, run, job, state_machine.fail(status_of(job), code))


async def cancel(session: AsyncSession, lifecycle: Lifecycle, run: JobRun) -> None:
    """Cancel every open job of a run. What the Actors found before stays.

    Nobody reports what became of a login that was under way, so it counts as refused.
    """
    for job in await open_jobs(session, run):
        await logins.record_silence(session, run, job.lease_id, job.diagnostics, lifecycle.now())
        await apply(session, lifecycle, run, job, state_machine.cancel(status_of(job)))


async def open_jobs(session: AsyncSession, run: JobRun) -> Sequence[Job]:
    """Return the jobs of ``run`` that have not ended, locked, in order."""
    await session.flush()
    rows = await session.scalars(
        select(Job)
        .where(Job.run_id == run.id, one_of(Job.state, *OPEN))
        .order_by(Job.position)
        .with_for_update()
    )
    return rows.all()


async def _finish(session: AsyncSession, lifecycle: Lifecycle, run: JobRun) -> None:
    await session.flush()
    states = set(await session.scalars(select(Job.state).where(Job.run_id == run.id)))
    if states & OPEN:
        return
    run.state = "cancelled" if CheckState.CANCELLED in states else "finished"
    run.finished_at, run.secrets_encrypted = lifecycle.now(), None
