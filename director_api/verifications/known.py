"""What a transaction that ends many checks has read of them beforehand, in one statement each.

It stays true while their profiles are locked (see locking): every change of a check, and of how an
Actor stands, is made under that lock.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import among, one_of
from director_api.email_profiles.models import ProfileActor
from director_api.jobs.models import Job, JobRun
from director_api.verifications.models import Check, Verification
from director_api.verifications.state_machine import OPEN, CheckState

_KNOWN = "known_of_checks"


@dataclass(frozen=True, slots=True)
class _Known:
    runs: Sequence[Verification]
    """Held, since a session forgets what nobody refers to."""
    states: dict[UUID, dict[UUID, str]]
    actors: dict[UUID, list[ProfileActor]]
    jobs: dict[UUID, list[tuple[UUID, datetime]]]


async def read_ahead(session: AsyncSession, checks: Collection[Check]) -> None:
    """Read what the end of each of ``checks`` needs. Their profiles are locked."""
    run_ids = {check.verification_id for check in checks}
    profile_ids = {check.profile_id for check in checks}
    runs = await session.scalars(select(Verification).where(among(Verification.id, run_ids)))
    states: defaultdict[UUID, dict[UUID, str]] = defaultdict(dict)
    for run_id, check_id, state in await session.execute(
        select(Check.verification_id, Check.id, Check.state).where(among(Check.verification_id, run_ids))
    ):
        states[run_id][check_id] = state
    actors: defaultdict[UUID, list[ProfileActor]] = defaultdict(list)
    for actor in await session.scalars(_actors().where(among(ProfileActor.profile_id, profile_ids))):
        actors[actor.profile_id].append(actor)
    jobs: dict[UUID, list[tuple[UUID, datetime]]] = {profile_id: [] for profile_id in profile_ids}
    waiting = await session.execute(_waiting().where(among(JobRun.profile_id, profile_ids)))
    for profile_id, actor_id, look_at in waiting:
        if profile_id is not None:
            jobs[profile_id].append((actor_id, look_at))
    session.info[_KNOWN] = _Known(runs.all(), dict(states), dict(actors), jobs)


def note_state(session: AsyncSession, check: Check) -> None:
    """Keep what is known true: ``check`` has a new state."""
    known: _Known | None = session.info.get(_KNOWN)
    if known is not None and check.verification_id in known.states:
        known.states[check.verification_id][check.id] = check.state


def is_last_open(session: AsyncSession, check: Check) -> bool:
    """Tell whether it is known that no other check of its verification is open."""
    known: _Known | None = session.info.get(_KNOWN)
    states = {} if known is None else known.states.get(check.verification_id, {})
    return bool(states) and all(
        check_id == check.id or state not in OPEN for check_id, state in states.items()
    )


async def states_in(session: AsyncSession, verification_id: UUID) -> Collection[str]:
    """Return the states of a verification's checks."""
    known: _Known | None = session.info.get(_KNOWN)
    if known is not None and verification_id in known.states:
        return known.states[verification_id].values()
    await session.flush()
    states = await session.scalars(select(Check.state).where(Check.verification_id == verification_id))
    return states.all()


async def actors_of(session: AsyncSession, profile_id: UUID) -> Sequence[ProfileActor]:
    """Return how each Actor of a profile stands, in their order."""
    known: _Known | None = session.info.get(_KNOWN)
    if known is not None and profile_id in known.actors:
        return known.actors[profile_id]
    return (await session.scalars(_actors().where(ProfileActor.profile_id == profile_id))).all()


async def waiting_jobs_of(session: AsyncSession, profile_id: UUID) -> Sequence[tuple[UUID, datetime]]:
    """Return whose connectivity checks of a profile wait, and from when on each may be given."""
    known: _Known | None = session.info.get(_KNOWN)
    if known is not None and profile_id in known.jobs:
        return known.jobs[profile_id]
    rows = await session.execute(_waiting().where(JobRun.profile_id == profile_id))
    return [(actor_id, look_at) for _, actor_id, look_at in rows]


def _waiting() -> Select[UUID | None, UUID, datetime]:
    return (
        select(JobRun.profile_id, Job.actor_id, Job.look_at)
        .join(Job, Job.run_id == JobRun.id)
        .where(one_of(JobRun.state, "running"), one_of(Job.state, CheckState.QUEUED))
    )


def _actors() -> Select[Any]:
    return (
        select(ProfileActor)
        .order_by(ProfileActor.profile_id, ProfileActor.position)
        .execution_options(populate_existing=True)
    )
