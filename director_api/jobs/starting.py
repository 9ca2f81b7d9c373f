"""Making a run with a job for each Actor."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.models import Actor
from director_api.clock import new_id
from director_api.jobs.lifecycle import touch
from director_api.jobs.models import Job, JobRun
from director_api.mail_settings.service import email_actions
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.state_machine import CheckState


async def add_run(
    session: AsyncSession, lifecycle: Lifecycle, run: JobRun, actors: Sequence[Actor]
) -> list[Job]:
    """Store ``run`` with one job for each of ``actors``, and tell them after the commit."""
    offline = timedelta(seconds=(await email_actions(session)).offline_seconds)
    session.add(run)
    await session.flush()
    jobs = [_job(run, actor, position, offline) for position, actor in enumerate(actors)]
    session.add_all(jobs)
    for job in jobs:
        touch(session, lifecycle, job)
        lifecycle.announce(session, job.actor_id, job.look_at)
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
