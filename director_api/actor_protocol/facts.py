"""What decides whether a check is given, read for many checks by one statement."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from director_api.among import among_named, one_of
from director_api.email_profiles.models import ManualCode
from director_api.jobs.models import Job, JobRun, is_leased
from director_api.verifications.budget import Logins, refusals_of, under_way_of
from director_api.verifications.models import Check, Lease
from director_api.verifications.state_machine import CheckState

_OTHER = aliased(Check)


class Facts(NamedTuple):
    """Of one check: how much goes on where it would go, and what was before.

    ``at_host``, ``at_mailbox``: checks that are leased to that mail server and to that mailbox.
    ``refusals``: logins to the account that failed since the moment that was asked for.
    ``under_way``: logins to it that are under way and not proven.
    ``profile_is_tried``: some Actor holds a check of the same profile, or a connectivity check of this revision.
    ``was_leased``: one held this check before.
    ``manual_code``: the profile's code as it is stored, where it has one.
    """

    at_host: int
    at_mailbox: int
    refusals: int
    under_way: int
    profile_is_tried: bool
    was_leased: bool
    manual_code: ManualCode | None

    @property
    def logins(self) -> Logins:
        """The logins to the account."""
        return Logins(self.refusals, self.under_way)


async def facts_of(session: AsyncSession, checks: Iterable[Check], since: datetime) -> dict[UUID, Facts]:
    """Read the facts of each check; the failed logins are those after ``since``."""
    rows = await session.execute(_FACTS, {"ids": [check.id for check in checks], "since": since})
    return {check_id: Facts(*facts) for check_id, *facts in rows}


_LEASED = one_of(_OTHER.state, CheckState.LEASED)
_FACTS = (
    select(
        Check.id,
        select(func.count()).where(_LEASED, _OTHER.mail_host == Check.mail_host).scalar_subquery(),
        select(func.count()).where(_LEASED, _OTHER.account == Check.account).scalar_subquery(),
        refusals_of(Check.account),
        under_way_of(Check.account),
        or_(
            exists().where(_LEASED, _OTHER.profile_id == Check.profile_id),
            exists().where(
                JobRun.profile_id == Check.profile_id,
                JobRun.revision == Check.revision,
                Job.run_id == JobRun.id,
                is_leased(Job),
            ),
        ),
        exists().where(Lease.check_id == Check.id),
        ManualCode,
    )
    .outerjoin(ManualCode, ManualCode.profile_id == Check.profile_id)
    .where(among_named(Check.id, "ids"))
)
