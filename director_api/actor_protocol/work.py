"""Everything that an Actor may be given: what a person waits for first, then checks."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol import leasing, queue
from director_api.actor_protocol.roster import ActorIdentity
from director_api.actor_protocol.taken import Taken
from director_api.actors import control
from director_api.actors.models import Actor
from director_api.jobs import leasing as job_leasing
from director_api.jobs.models import Job
from director_api.vault import Vault
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.models import Check


async def take(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, actor: ActorIdentity, capacity: int
) -> Taken:
    """Lease up to ``capacity`` jobs of any kind to ``actor``.

    Someone sits before a connectivity check or a look-up, and it takes seconds: it goes first. An
    Actor that is paused gets none.
    """
    paused, ask_at = (
        await session.execute(select(Actor.paused, Actor.ask_at).where(Actor.id == actor.id))
    ).one()
    asked = None
    if ask_at is not None and ask_at <= lifecycle.now():
        asked = await control.next_control(session, lifecycle, actor.id)
    if paused:
        return Taken((), None, asked)
    taken = await _leased(session, vault, lifecycle, actor, capacity)
    return replace(taken, control=asked)


async def _leased(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, actor: ActorIdentity, capacity: int
) -> Taken:
    first = await job_leasing.take(session, vault, lifecycle, actor, capacity)
    left = capacity - len(first.leases)
    return first.and_then(await leasing.take(session, vault, lifecycle, actor, left))


async def work_at(session: AsyncSession) -> dict[UUID, datetime]:
    """Return which Actors have work or are to be asked something, and from when on."""
    found: dict[UUID, datetime] = {}
    for kind in (
        await queue.work_at(session, Check),
        await queue.work_at(session, Job),
        await control.asks_at(session),
    ):
        for actor_id, at in kind.items():
            found[actor_id] = min(at, found.get(actor_id, at))
    return found
