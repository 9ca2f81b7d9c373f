"""Making a run with a job for each Actor."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.capabilities import lacks
from director_api.actors.models import Actor
from director_api.clock import new_id
from director_api.jobs.lifecycle import apply, status_of, touch
from director_api.jobs.models import Job, JobRun
from director_api.mail_settings.service import offline_after
from director_api.verifications import state_machine
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.state_machine import CheckState
from wire_contract.failure_codes import FailureCode
from wire_contract.job_kinds import JobKind


async def add_run(
    session: AsyncSession, lifecycle: Lifecycle, run: JobRun, actors: Sequence[Actor]
) -> list[Job]:
    """Store ``run`` with one job for each of ``actors``, and tell them after the commit."""
    offline = await offline_after(session)
    session.add(run)
    await session.flush()
    jobs = [_job(run, actor, position, offline) for position, actor in enumerate(actors)]
    session.add_all(jobs)
    await session.flush()
    mailbox = run if run.kind == JobKind.CONNECTIVITY else None
    for job, actor in zip(jobs, actors, strict=True):
        job.failure_detail = lacks(actor, JobKind(run.kind), mailbox)
        if job.failure_detail is None:
            touch(session, lifecycle, job)
            lifecycle.announce(session, job.actor_id, job.look_at)
        else:
            failed = state_machine.fail(status_of(job), FailureCode.ACTOR_LACKS_CAPABILITY)
            await apply(session, lifecycle, run, job, failed)
    await session.flush()
    return jobs


def _job(run: JobRun, actor: Actor, position: int, offline: timedelta) -> Job:
    return Job(
        id=new_id(),
        run_id=run.id,
        actor_id=actor.id,
        actor_name=actor.name,
        actor_zone_id=actor.security_zone_id,
        position=position,
        state=CheckState.QUEUED,
        attempts=0,
        look_at=run.started_at,
        offline_at=run.started_at + offline,
        diagnostics=[],
        warnings=[],
    )
