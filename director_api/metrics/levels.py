"""Reading how much there is of what comes and goes."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.models import Actor
from director_api.outbox.models import OutboxMessage
from director_api.verifications.models import Check


async def stored_levels(session: AsyncSession) -> dict[str, int]:
    """Read what all Directors share, in one statement."""
    # A check has a deadline until it ends; the index of those that have one makes this cheap.
    counts = {
        "director_checks_open": select(func.count()).where(Check.deadline_at.is_not(None)),
        "director_outbox_messages": select(func.count()).select_from(OutboxMessage),
        "director_actors_enrolled": select(func.count()).where(Actor.credential_hash.is_not(None)),
        "director_actors_online": select(func.count()).where(
            Actor.credential_hash.is_not(None), Actor.told_online.is_(True)
        ),
    }
    row = (await session.execute(select(*(count.scalar_subquery() for count in counts.values())))).one()
    return dict(zip(counts, map(int, row), strict=True))
