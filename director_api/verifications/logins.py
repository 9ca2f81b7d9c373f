"""Keeping accounts from being locked out: failed logins spend a budget per account and hour."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import new_id
from director_api.email_profiles.configured import Configured
from director_api.verifications.models import FailedLogin
from wire_contract.diagnostics import Step, StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, Encryption
from wire_contract.results import Result

FAILED_LOGINS_PER_HOUR = 5
_HOUR = timedelta(hours=1)
REFUSED = frozenset(
    {
        FailureCode.AUTH_INVALID_CREDENTIALS,
        FailureCode.AUTH_APP_PASSWORD_NEEDED,
        FailureCode.AUTH_BASIC_DISABLED,
        FailureCode.AUTH_PROTOCOL_DISABLED,
        FailureCode.AUTH_SMTP_DISABLED_FOR_MAILBOX,
        FailureCode.AUTH_SMTP_DISABLED_FOR_TENANT,
        FailureCode.AUTH_ACCOUNT_LOCKED,
    }
)
_SPENDING = REFUSED | {
    FailureCode.PROTOCOL_VIOLATION,
    FailureCode.CONNECTION_CLOSED,
    FailureCode.REPLY_TIMED_OUT,
}
"""Failures of a login's step after which the server may have counted it: a BAD, a hang-up or silence says nothing of it."""
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


def counted_since(now: datetime) -> datetime:
    """Return the moment after which a failed login counts."""
    return now - _HOUR


async def record_refusals(
    session: AsyncSession, mailbox: Configured, code: FailureCode | None, steps: Iterable[Step], now: datetime
) -> None:
    """Spend what a look's logins cost, and forget the refusals of before the hour.

    ``code`` is what the look ended with, ``steps`` what it went through.
    """
    spent = attempts_spent(code, steps if _can_be_locked(mailbox) else ())
    await _spend(session, mailbox, [new_id() for _ in range(spent)], now)


async def record_late_refusals(
    session: AsyncSession, mailbox: Configured, lease_id: UUID, result: Result, now: datetime
) -> None:
    """Spend what the logins of a lease cost whose result comes too late to count, unless that was done."""
    if await session.get(FailedLogin, lease_id) is None:
        steps = result.diagnostics if _can_be_locked(mailbox) else ()
        spent = attempts_spent(result.failure_code, steps)
        await _spend(session, mailbox, _ids(lease_id, spent), now)


async def record_silence(
    session: AsyncSession, mailbox: Configured, lease_id: UUID | None, diagnostics: list[Any], now: datetime
) -> FailureCode | None:
    """Spend what the logins of a lease that lapsed may have cost, by the progress that its Actor told of.

    Nothing is spent without a lease, or where no account logs in.

    Returns how the server had refused the login to the mailbox by then. A login that was under way
    counts as refused: its outcome may have been lost with the lease, and is never learnt otherwise.
    """
    if lease_id is None or not _can_be_locked(mailbox):
        return None
    steps = [_outlined(step) for step in diagnostics]
    spent = attempts_spent(None, steps) or int(_is_logging_in(mailbox, steps))
    await _spend(session, mailbox, _ids(lease_id, spent), now)
    refused = (step.code for step in steps if step.step is StepName.AUTHENTICATE)
    return next((code for code in refused if code in REFUSED), None)


def _can_be_locked(mailbox: Configured) -> bool:
    """Tell whether it is an account that logs in, and no application that signs in to a cloud."""
    return "account" in mailbox.configuration


def _is_logging_in(mailbox: Configured, steps: list[Step]) -> bool:
    """Tell whether all that comes ahead of the login has happened; its own step is told when it has ended."""
    incoming = mailbox.configuration["incoming"]
    own = [step.step for step in steps if not step.step.startswith("smtp_")]
    greeted = own[-1:] == [StepName.CAPABILITIES]
    secured = incoming["encryption"] == Encryption.NONE or StepName.TLS in own
    return greeted and secured and incoming["authentication"] != Authentication.XOAUTH2


def _outlined(stored: dict[str, Any]) -> Step:
    code = stored.get("code")
    return Step.model_construct(
        step=StepName(stored["step"]),
        outcome=StepOutcome(stored["outcome"]),
        code=FailureCode(code) if code else None,
        milliseconds=0,
    )


def _ids(lease_id: UUID, spent: int) -> list[UUID]:
    """The first row has its lease's id, so that no lease is counted twice."""
    return [lease_id, *(new_id() for _ in range(spent - 1))][:spent]


async def _spend(session: AsyncSession, mailbox: Configured, ids: list[UUID], now: datetime) -> None:
    if not ids:
        return
    account = account_of(mailbox)
    await session.execute(
        delete(FailedLogin).where(FailedLogin.account == account, FailedLogin.at <= now - _HOUR)
    )
    session.add_all(FailedLogin(id=each, account=account, at=now) for each in ids)


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
