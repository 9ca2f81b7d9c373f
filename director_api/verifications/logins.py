"""Keeping accounts from being locked out: failed logins spend a budget per account and hour."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import new_id
from director_api.database import few_lengths
from director_api.email_profiles.configured import Configured
from director_api.verifications.models import FailedLogin
from wire_contract.diagnostics import Step, StepName, StepOutcome
from wire_contract.failure_codes import FailureCode

FAILED_LOGINS_PER_HOUR = 5
_HOUR = timedelta(hours=1)
REFUSED = frozenset(
    {
        FailureCode.AUTH_INVALID_CREDENTIALS,
        FailureCode.AUTH_APP_PASSWORD_NEEDED,
        FailureCode.AUTH_BASIC_DISABLED,
        FailureCode.AUTH_ACCOUNT_LOCKED,
    }
)
_SPENDING = REFUSED | {FailureCode.PROTOCOL_VIOLATION, FailureCode.CONNECTION_CLOSED}
"""Failures of a login's step after which the server may have counted it: a BAD or a hang-up says nothing of it."""
_LOGINS = frozenset({StepName.AUTHENTICATE, StepName.SMTP_AUTHENTICATE})


def account_of(mailbox: Configured) -> str:
    """Name the account that a login is counted against."""
    configuration = mailbox.configuration
    address = (configuration["mailbox"] or mailbox.email_address).lower()
    if "graph" in configuration:
        return f"{address}@{configuration['graph']['tenant_id'].lower()}"
    if "gmail" in configuration:
        return f"{address}@gmail"
    return f"{configuration['account']['username'].lower()}@{configuration['incoming']['host']}"


async def budget_spent(session: AsyncSession, mailbox: Configured, now: datetime) -> bool:
    """Tell whether as many logins to the account failed within the hour as are allowed."""
    return bool(await budgets_spent(session, [mailbox], now))


async def budgets_spent(session: AsyncSession, mailboxes: Iterable[Configured], now: datetime) -> set[str]:
    """Return those accounts of ``mailboxes`` to which as many logins failed within the hour as are allowed."""
    spent = await session.scalars(
        select(FailedLogin.account)
        .where(
            FailedLogin.account.in_(few_lengths({account_of(each) for each in mailboxes})),
            FailedLogin.at > now - _HOUR,
        )
        .group_by(FailedLogin.account)
        .having(func.count() >= FAILED_LOGINS_PER_HOUR)
    )
    return set(spent)


async def record_refusals(
    session: AsyncSession, mailbox: Configured, code: FailureCode | None, steps: Iterable[Step], now: datetime
) -> None:
    """Spend what a look's logins cost, and forget the refusals of before the hour.

    ``code`` is what the look ended with, ``steps`` what it went through.
    """
    can_be_locked = "account" in mailbox.configuration  # not the application that signs in to a cloud
    spent = attempts_spent(code, steps if can_be_locked else ())
    if spent:
        account = account_of(mailbox)
        await session.execute(
            delete(FailedLogin).where(FailedLogin.account == account, FailedLogin.at <= now - _HOUR)
        )
        session.add_all(FailedLogin(id=new_id(), account=account, at=now) for _ in range(spent))


def attempts_spent(code: FailureCode | None, steps: Iterable[Step]) -> int:
    """Count the logins that a server may hold against the account, the outgoing server's too."""
    failed = sum(
        step.step in _LOGINS and step.outcome is StepOutcome.FAILED and step.code in _SPENDING
        for step in steps
    )
    return failed or int(code in REFUSED)


def login_worked(steps: Iterable[Step]) -> bool:
    """Tell whether the steps show a login to the mailbox that the server accepted."""
    return any(step.step is StepName.AUTHENTICATE and step.outcome is StepOutcome.OK for step in steps)


def is_login_failure(code: FailureCode) -> bool:
    """Tell whether a check that ended so would most likely end so from every Actor."""
    return code.startswith("auth_")
