"""Keeping accounts from being locked out: failed logins spend a budget per account and hour."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import new_id
from director_api.email_profiles.configured import Configured
from director_api.verifications.models import FailedLogin
from wire_contract.diagnostics import Step, StepName, StepOutcome
from wire_contract.failure_codes import FailureCode

FAILED_LOGINS_PER_HOUR = 5
_HOUR = timedelta(hours=1)
_REFUSED = frozenset(
    {
        FailureCode.AUTH_INVALID_CREDENTIALS,
        FailureCode.AUTH_APP_PASSWORD_NEEDED,
        FailureCode.AUTH_BASIC_DISABLED,
        FailureCode.AUTH_ACCOUNT_LOCKED,
    }
)


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
    failed = await session.scalar(
        select(func.count()).where(FailedLogin.account == account_of(mailbox), FailedLogin.at > now - _HOUR)
    )
    return (failed or 0) >= FAILED_LOGINS_PER_HOUR


async def record_refusal(
    session: AsyncSession, mailbox: Configured, code: FailureCode, now: datetime
) -> None:
    """Spend one attempt if ``code`` says that the server refused a login; forget those of before the hour."""
    if code in _REFUSED:
        account = account_of(mailbox)
        await session.execute(
            delete(FailedLogin).where(FailedLogin.account == account, FailedLogin.at <= now - _HOUR)
        )
        session.add(FailedLogin(id=new_id(), account=account, at=now))


def login_worked(steps: Iterable[Step]) -> bool:
    """Tell whether the steps show a login to the mailbox that the server accepted."""
    return any(step.step is StepName.AUTHENTICATE and step.outcome is StepOutcome.OK for step in steps)


def is_login_failure(code: FailureCode) -> bool:
    """Tell whether a check that ended so would most likely end so from every Actor."""
    return code.startswith("auth_")
