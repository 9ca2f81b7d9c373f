"""The order of locks: a profile before its checks.

Whoever changes a check has locked its profile first, so that two ends of one verification, a change of
the profile and a lease wait for each other in one queue and never in a circle. Whoever needs several
profiles in one transaction waits for none: those that another holds are skipped and looked at again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import among
from director_api.email_profiles.models import EmailProfile
from director_api.verifications.models import Check

_LOCKED = "locked_profiles"


async def locked_profile(
    session: AsyncSession, profile_id: UUID, *, skip_locked: bool = False
) -> EmailProfile | None:
    """Lock a profile and read it anew; null where it is gone, or held by another and ``skip_locked``."""
    return await _locked(session, profile_id, skip_locked=skip_locked)


async def locked_profiles(
    session: AsyncSession, profile_ids: Iterable[UUID], *, skip_locked: bool
) -> Sequence[EmailProfile]:
    """Lock profiles in order of their ids as :func:`locked_profile` locks one, in one statement."""
    found = await session.scalars(
        select(EmailProfile)
        .where(among(EmailProfile.id, set(profile_ids)))
        .order_by(EmailProfile.id)
        .with_for_update(skip_locked=skip_locked)
        .execution_options(populate_existing=True)
    )
    profiles = found.all()
    keep_locked(session, profiles)
    return profiles


async def locked_check(session: AsyncSession, check_id: UUID, *, skip_locked: bool = False) -> Check | None:
    """Lock a check's profile, then the check, and read both anew; null as for :func:`locked_profile`."""
    owner = select(Check.profile_id).where(Check.id == check_id).scalar_subquery()
    profile = await _locked(session, owner, skip_locked=skip_locked)
    if profile is None:
        return None
    return await session.get(Check, check_id, with_for_update=True, populate_existing=True)


async def locked_checks(
    session: AsyncSession, profile_ids: Mapping[UUID, UUID], *, skip_locked: bool
) -> Sequence[Check]:
    """Lock checks, given with their profiles' ids, as :func:`locked_check` locks one: all in two statements.

    Those are left out whose profile is gone, or held by another and ``skip_locked``.
    """
    profiles = await locked_profiles(session, profile_ids.values(), skip_locked=skip_locked)
    locked = {profile.id for profile in profiles}
    free = [check_id for check_id, profile_id in profile_ids.items() if profile_id in locked]
    if not free:
        return ()
    checks = await session.scalars(
        select(Check)
        .where(among(Check.id, free))
        .order_by(Check.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return checks.all()


async def _locked(session: AsyncSession, profile_id: Any, *, skip_locked: bool) -> EmailProfile | None:
    profile: EmailProfile | None = await session.scalar(
        select(EmailProfile)
        .where(EmailProfile.id == profile_id)
        .with_for_update(skip_locked=skip_locked)
        .execution_options(populate_existing=True)
    )
    keep_locked(session, [profile] if profile else [])
    return profile


def keep_locked(session: AsyncSession, profiles: Iterable[EmailProfile]) -> None:
    """Let the session hold what was locked: it forgets what nobody refers to, and it is read soon, and from here."""
    session.info.setdefault(_LOCKED, []).extend(profiles)
