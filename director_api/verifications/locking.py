"""The order of locks: a profile before its checks.

Whoever changes a check has locked its profile first, so that two ends of one verification, a change of
the profile and a lease wait for each other in one queue and never in a circle. Whoever needs several
profiles in one transaction waits for none: those that another holds are skipped and looked at again.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.email_profiles.models import EmailProfile
from director_api.verifications.models import Check


async def locked_profile(
    session: AsyncSession, profile_id: UUID, *, skip_locked: bool = False
) -> EmailProfile | None:
    """Lock a profile and read it anew; null where it is gone, or held by another and ``skip_locked``."""
    profile: EmailProfile | None = await session.scalar(
        select(EmailProfile)
        .where(EmailProfile.id == profile_id)
        .with_for_update(skip_locked=skip_locked)
        .execution_options(populate_existing=True)
    )
    return profile


async def locked_check(session: AsyncSession, check_id: UUID, *, skip_locked: bool = False) -> Check | None:
    """Lock a check's profile, then the check, and read both anew; null as for :func:`locked_profile`."""
    profile_id = await session.scalar(select(Check.profile_id).where(Check.id == check_id))
    if profile_id is None or await locked_profile(session, profile_id, skip_locked=skip_locked) is None:
        return None
    return await session.get(Check, check_id, with_for_update=True, populate_existing=True)
