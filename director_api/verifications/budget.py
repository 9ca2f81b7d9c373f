"""What is left of an account's budget of failed logins: what failed spends it, and so does what is under way.

A login with a secret that worked before costs nothing. One that is under way with a secret that did not work
yet may be refused, so it counts as a refusal until it ends: of many that are given side by side, each would
find the same budget. Whoever decides by it holds the account's place (see room), so that nothing is given between
the reading and the giving.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from director_api.among import one_of
from director_api.database import UtcDateTime
from director_api.email_profiles.models import EmailProfile
from director_api.jobs.models import Job, JobRun, is_leased
from director_api.verifications.logins import FAILED_LOGINS_PER_HOUR
from director_api.verifications.models import Check, FailedLogin
from director_api.verifications.state_machine import CheckState

_CHECK, _PROFILE = aliased(Check), aliased(EmailProfile)
_JOB, _RUN = aliased(Job), aliased(JobRun)
_IS_LEASED = one_of(_CHECK.state, CheckState.LEASED)
_SINCE = bindparam("since", type_=UtcDateTime())


class Logins(NamedTuple):
    """Logins to one account that failed since a moment, and those that are under way and not proven."""

    refusals: int
    under_way: int

    @property
    def are_refused(self) -> bool:
        """Tell whether so many failed that none is tried."""
        return self.refusals >= FAILED_LOGINS_PER_HOUR

    @property
    def are_taken(self) -> bool:
        """Tell whether none is left to give as long as what is under way has not ended."""
        return self.refusals + self.under_way >= FAILED_LOGINS_PER_HOUR


async def logins_of(session: AsyncSession, account: str, since: datetime) -> Logins:
    """Count the logins of an account; those that failed, from ``since`` on."""
    name = literal(account)
    row = (await session.execute(select(refusals_of(name), under_way_of(name)), {"since": since})).one()
    return Logins(*row)


def refusals_of(account: Any) -> ColumnElement[int]:
    """Return how many logins to ``account`` failed after the parameter ``since``."""
    return (
        select(func.count())
        .where(FailedLogin.account == account, FailedLogin.at > _SINCE)
        .correlate_except(FailedLogin)
        .scalar_subquery()
    )


def under_way_of(account: Any) -> ColumnElement[int]:
    """Return how many logins to ``account`` are under way and not proven."""
    checks = (
        select(func.count())
        .select_from(_CHECK)
        .join(_PROFILE, _PROFILE.id == _CHECK.profile_id)
        .where(
            _IS_LEASED,
            _CHECK.account == account,
            _PROFILE.authenticated_revision.is_distinct_from(_CHECK.revision),
        )
        .correlate_except(_CHECK, _PROFILE)
    )
    jobs = _jobs(func.count()).where(_RUN.account == account).correlate_except(_JOB, _RUN)
    return checks.scalar_subquery() + jobs.scalar_subquery()


def _jobs(what: Any) -> Select[Any]:
    unproven = is_leased(_JOB), _RUN.account.is_not(None), not_(_RUN.authenticated)
    return select(what).select_from(_JOB).join(_RUN, _RUN.id == _JOB.run_id).where(*unproven)


def _taken() -> Select[Any]:
    """Return the accounts of which no login is left as long as what is under way has not ended.

    Few can be: those of which so many logins are under way, proven or not, that with what failed there may be none
    left. They are found without looking at profiles, and then counted.
    """
    leased = union_all(
        select(_CHECK.account.label("account")).where(_IS_LEASED, _CHECK.account.is_not(None)),
        _jobs(_RUN.account.label("account")),
    ).subquery()
    held = select(leased.c.account, func.count().label("number")).group_by(leased.c.account).subquery()
    failed = (
        select(FailedLogin.account, func.count().label("number"))
        .where(FailedLogin.at > _SINCE)
        .group_by(FailedLogin.account)
        .subquery()
    )
    refusals = func.coalesce(failed.c.number, 0)
    return (
        select(held.c.account)
        .select_from(held)
        .outerjoin(failed, failed.c.account == held.c.account)
        .where(
            refusals < FAILED_LOGINS_PER_HOUR,
            case(
                (refusals + held.c.number < FAILED_LOGINS_PER_HOUR, false()),
                else_=refusals + under_way_of(held.c.account) >= FAILED_LOGINS_PER_HOUR,
            ),
        )
    )


_IS_PROVEN = exists().where(
    _PROFILE.id == Check.profile_id, _PROFILE.authenticated_revision == Check.revision
)
"""The condition that a login with what a check would log in with has worked."""
HAS_LOGIN = or_(Check.account.is_(None), Check.account.not_in(_taken()), _IS_PROVEN)
"""The condition that a queued check need not wait for the logins of others. Where as many failed as are allowed,
it need not: it ends. Failed logins are those after the parameter ``since``."""
