"""Everything that an Actor may be given: what a person waits for first, then checks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol import leasing
from director_api.actor_protocol.roster import ActorIdentity
from director_api.actor_protocol.taken import Taken
from director_api.jobs import leasing as job_leasing
from director_api.vault import Vault
from director_api.verifications.lifecycle import Lifecycle


async def take(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, actor: ActorIdentity, capacity: int
) -> Taken:
    """Lease up to ``capacity`` jobs of any kind to ``actor``.

    Someone sits before a connectivity check or a look-up, and it takes seconds: it goes first.
    """
    first = await job_leasing.take(session, vault, lifecycle, actor, capacity)
    left = capacity - len(first.leases)
    return first.and_then(await leasing.take(session, vault, lifecycle, actor, left))


async def work_at(session: AsyncSession) -> dict[UUID, datetime]:
    """Return which Actors have work, and from when on."""
    checks, jobs = await leasing.work_at(session), await job_leasing.work_at(session)
    return {
        actor_id: min(at for at in (checks.get(actor_id), jobs.get(actor_id)) if at is not None)
        for actor_id in checks.keys() | jobs.keys()
    }
