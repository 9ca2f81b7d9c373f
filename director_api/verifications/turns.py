"""Whose turn it is: some checks must wait for another Actor's.

Until a login with a profile's present revision has worked, one Actor at a time tries it, be it for a
verification or for a connectivity check. And a POP3
mailbox admits one reader at a time (RFC 1939, section 4), so Actors that share one take turns.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import one_of
from director_api.email_profiles.configured import Configured
from director_api.email_profiles.models import EmailProfile
from director_api.jobs.models import Job, JobRun, is_leased
from director_api.verifications.logins import account_of
from director_api.verifications.models import Check
from director_api.verifications.state_machine import CheckState


def admits_one_reader(mailbox: Configured) -> bool:
    """Tell whether the mailbox is locked by whoever reads it."""
    return mailbox.server_type == "pop3"


async def waits_until(session: AsyncSession, profile: EmailProfile, check: Check) -> datetime | None:
    """Return when the lease ends that this check must wait for; null when it is its turn."""
    if admits_one_reader(profile):
        return await reader_until(session, profile)
    if profile.authenticated_revision == check.revision:
        return None
    return await tried_until(session, profile.id, check.revision)


async def tried_until(session: AsyncSession, profile_id: UUID, revision: int | None) -> datetime | None:
    """Return when the last lease ends of those that try a revision of a profile, with mail or without."""
    return await _last_end(
        session,
        and_(Check.profile_id == profile_id, Check.revision == revision),
        and_(JobRun.profile_id == profile_id, JobRun.revision == revision),
    )


async def account_until(session: AsyncSession, account: str) -> datetime | None:
    """Return when the last lease ends of those that log in to an account."""
    return await _last_end(session, Check.account == account, JobRun.account == account)


async def _last_end(
    session: AsyncSession, of_checks: ColumnElement[bool], of_runs: ColumnElement[bool]
) -> datetime | None:
    checks = select(func.max(Check.lease_expires_at)).where(one_of(Check.state, CheckState.LEASED), of_checks)
    jobs = (
        select(func.max(Job.lease_expires_at))
        .join(JobRun, JobRun.id == Job.run_id)
        .where(is_leased(Job), of_runs)
    )
    ends = (await session.execute(select(checks.scalar_subquery(), jobs.scalar_subquery()))).one()
    return max((end for end in ends if end is not None), default=None)


async def reader_until(session: AsyncSession, mailbox: Configured) -> datetime | None:
    """Return when the last lease ends of those that read the same mailbox; null when nobody does."""
    account = account_of(mailbox)
    reading = await session.execute(
        select(EmailProfile, Check.lease_expires_at)
        .join(Check, Check.profile_id == EmailProfile.id)
        .where(EmailProfile.server_type == mailbox.server_type, one_of(Check.state, CheckState.LEASED))
    )
    ends = [end for reader, end in reading if end is not None and account_of(reader) == account]
    probing: datetime | None = await session.scalar(
        select(func.max(Job.lease_expires_at))
        .join(JobRun, JobRun.id == Job.run_id)
        .where(
            JobRun.server_type == mailbox.server_type,
            JobRun.account == account,
            is_leased(Job),
        )
    )
    return max([*ends, *([] if probing is None else [probing])], default=None)
