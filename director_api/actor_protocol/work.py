"""Everything that an Actor may be given: what a person waits for first, then checks."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol import leasing, queue
from director_api.actor_protocol.roster import ActorIdentity
from director_api.actor_protocol.taken import Taken
from director_api.actors import control
from director_api.actors.models import Actor
from director_api.among import one_of
from director_api.jobs import leasing as job_leasing
from director_api.jobs.models import Job
from director_api.mail_settings.service import STORED_ACTIONS, actions_of
from director_api.vault import Vault
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.models import Check
from director_api.verifications.state_machine import CheckState


async def take(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, actor: ActorIdentity, capacity: int
) -> Taken:
    """Lease up to ``capacity`` jobs of any kind to ``actor``.

    Someone sits before a connectivity check or a look-up, and it takes seconds: it goes first. An
    Actor that is paused gets none.
    """
    now = lifecycle.now()
    row = (await session.execute(_OUTLOOK, {"actor_id": actor.id, "enough": capacity + 1})).one()
    paused, ask_at, job_at, checks, stored = row
    asked = None
    holds_nothing = ask_at is None or ask_at > now
    if not holds_nothing:
        asked = await control.next_control(session, lifecycle, actor.id)
    if paused:
        return Taken((), None, asked)
    taken = Taken((), job_at)
    jobs_are_due = job_at is not None and job_at <= now
    if jobs_are_due:
        taken = await job_leasing.take(session, vault, lifecycle, actor, capacity, may_wait=holds_nothing)
    if checks:
        left = capacity - len(taken.leases)
        actions = actions_of(stored)
        taken = taken.and_then(
            await leasing.take(
                session,
                vault,
                lifecycle,
                actor,
                actions,
                left,
                waiting=checks,
                may_wait=holds_nothing and not jobs_are_due,
            )
        )
    return replace(taken, control=asked)


_OUTLOOK = select(
    Actor.paused,
    Actor.ask_at,
    select(func.min(Job.look_at))
    .where(Job.actor_id == Actor.id, one_of(Job.state, CheckState.QUEUED))
    .scalar_subquery(),
    select(func.count())
    .select_from(
        select(Check.id)
        .where(Check.actor_id == bindparam("actor_id"), one_of(Check.state, CheckState.QUEUED))
        .limit(bindparam("enough"))
        .subquery()
    )
    .scalar_subquery(),
    STORED_ACTIONS,
).where(Actor.id == bindparam("actor_id"))
"""What an Actor's poll begins with: whether it may work, and what there may be."""


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
