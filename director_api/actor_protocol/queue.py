"""What waits for an Actor, in whichever table: a check and a job without mail queue alike."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import one_of
from director_api.jobs.models import Job
from director_api.verifications.models import Check
from director_api.verifications.state_machine import CheckState

Queued = type[Check] | type[Job]


async def work_at(session: AsyncSession, table: Queued) -> dict[UUID, datetime]:
    """Return which Actors have something in ``table`` that waits, and from when on."""
    rows = await session.execute(
        select(table.actor_id, func.min(table.look_at))
        .where(one_of(table.state, CheckState.QUEUED))
        .group_by(table.actor_id)
    )
    return {actor_id: look_at for actor_id, look_at in rows}  # noqa: C416  # rows are not tuples to the checker
