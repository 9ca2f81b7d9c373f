"""What waits for an Actor, in whichever table: a check and a job without mail queue alike."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.jobs.models import Job
from director_api.verifications.models import Check
from director_api.verifications.state_machine import CheckState

Queued = type[Check] | type[Job]


async def work_at(session: AsyncSession, table: Queued) -> dict[UUID, datetime]:
    """Return which Actors have something in ``table`` that waits, and from when on."""
    rows = await session.execute(
        select(table.actor_id, func.min(table.look_at))
        .where(table.state == CheckState.QUEUED)
        .group_by(table.actor_id)
    )
    return {actor_id: look_at for actor_id, look_at in rows}  # noqa: C416  # rows are not tuples to the checker


async def next_look(
    session: AsyncSession,
    table: Queued,
    actor_id: UUID,
    earliest: datetime,
    seen: list[UUID],
    *conditions: ColumnElement[bool],
) -> datetime | None:
    """Return when to look for what was not looked at now: due later, beyond the capacity, or locked."""
    look_at: datetime | None = await session.scalar(
        select(func.min(table.look_at)).where(
            table.actor_id == actor_id, table.state == CheckState.QUEUED, table.id.not_in(seen), *conditions
        )
    )
    return None if look_at is None else max(look_at, earliest)
