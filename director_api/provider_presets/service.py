"""Having an Actor of the chosen zone look a domain up."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.capabilities import lacks
from director_api.actors.models import Actor
from director_api.actors.presence import Presence
from director_api.clock import new_id
from director_api.jobs.models import Job, JobRun
from director_api.jobs.starting import add_run
from director_api.problems import Problem, invalid_field
from director_api.provider_presets.presets import of_findings
from director_api.provider_presets.schemas import LookUpRead, Preset
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.presentation import failure_read
from wire_contract.autoconfig import AutoconfigFindings
from wire_contract.job_kinds import JobKind


async def start_look_up(
    session: AsyncSession,
    lifecycle: Lifecycle,
    presence: Presence,
    address: str,
    *,
    actor_id: UUID | None,
    zone_id: UUID | None,
) -> UUID:
    """Have the domain of ``address`` looked up, by this Actor or by one of the zone. Returns the run's id.

    Raises:
        Problem: there is no such Actor, or none of the zone is at work.
    """
    actor = await _actor(session, presence, actor_id, zone_id)
    run = JobRun(
        id=new_id(),
        kind=JobKind.AUTOCONFIG,
        server_type="",
        email_address=address,
        configuration={},
        authenticated=False,
        state="running",
        started_at=lifecycle.now(),
    )
    await add_run(session, lifecycle, run, [actor])
    return run.id


async def look_up_of(session: AsyncSession, run_id: UUID) -> tuple[list[Preset], LookUpRead, bool]:
    """Return what a look-up found so far, how it stands, and whether it has ended."""
    job = (await session.scalars(select(Job).where(Job.run_id == run_id))).one()
    findings = AutoconfigFindings.model_validate(job.answer) if job.answer else None
    read = LookUpRead.model_validate(
        {
            "actor_id": job.actor_id,
            "actor": job.actor_name,
            "state": job.state,
            **failure_read(job.failure_code),
            "failure_detail": job.failure_detail,
            "mail_exchangers": findings.mail_exchangers if findings else (),
            "tried": [tried.model_dump() for tried in findings.tried] if findings else (),
        }
    )
    return (of_findings(findings) if findings else []), read, job.ended_at is not None


async def _actor(
    session: AsyncSession, presence: Presence, actor_id: UUID | None, zone_id: UUID | None
) -> Actor:
    if actor_id is not None:
        row = await session.get(Actor, actor_id)
        if row is None:
            raise invalid_field("/actor_id", "actor_not_found", "There is no Actor with this id.")
        return row
    rows = await session.scalars(
        select(Actor)
        .where(Actor.security_zone_id == zone_id, Actor.stopped.is_(False), Actor.paused.is_(False))
        .order_by(Actor.name)
    )
    for row in rows:
        online = presence.online(row.id, row.last_seen_at, row.poll_seconds)
        if online and lacks(row, JobKind.AUTOCONFIG, None) is None:
            return row
    raise Problem(409, "no_actors", "No Actor of this zone is at work that could look the domain up.")
