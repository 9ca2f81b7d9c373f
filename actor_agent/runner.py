"""Doing one job: unseal, look into the mailbox, and say how it ended."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from actor_agent.event_log import outline
from actor_agent.interfaces import list_interfaces, overlap_of
from actor_agent.mail import Found, Reach, SearchWindow, Wanted
from actor_agent.unsealing import SealUnreadable, Unsealer
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal
from wire_contract.failure_codes import FailureCode
from wire_contract.job_kinds import JobKind
from wire_contract.jobs import Credentials, Lease, Target
from wire_contract.results import MAX_OTHER_CODES, Result

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HandBack:
    """The job isn't done: look again in so many seconds. Meanwhile the Actor holds nothing of it."""

    after_seconds: float


class Look(Protocol):
    """The mail side. Raises ``MailFailure``, or ``LookAgain`` when nothing is worth holding open."""

    def __call__(
        self,
        target: Target,
        credentials: Credentials,
        wanted: Wanted | None,
        window: SearchWindow,
        journal: Journal,
        reach: Reach,
    ) -> Awaitable[Found | None]:
        """Look for ``wanted``; null asks only whether the mailbox can be read."""


class Runner:
    """Does jobs, each by itself; the credentials of a job end with it."""

    def __init__(self, unsealer: Unsealer, look: Look, reach: Reach) -> None:
        self._unsealer = unsealer
        self._look = look
        self._reach = reach

    async def run(self, lease: Lease, journal: Journal, window: SearchWindow) -> Result | HandBack:
        """Do the job of ``lease``; whatever happens becomes a result, but for a cancellation."""
        try:
            return await self._outcome(lease, journal, window)
        except LookAgain as again:
            return HandBack(again.after_seconds)
        except MailFailure as failure:
            return _failed(failure.code, journal)
        except SealUnreadable as error:
            logger.error("Job %s: %s", lease.id, error)  # noqa: TRY400  # the sentence says all
            return _failed(FailureCode.SEAL_UNREADABLE, journal)
        except Exception as error:  # noqa: BLE001  # a defect must end its own check, not the Actor
            logger.error("Job %s: defect: %s", lease.id, outline(error))  # noqa: TRY400  # a traceback quotes data
            return _failed(FailureCode.ACTOR_ERROR, journal)

    async def _outcome(self, lease: Lease, journal: Journal, window: SearchWindow) -> Result:
        if lease.kind == JobKind.CONNECTIVITY:
            await self._look_with(lease, None, window, journal)
            return Result(
                connected=True,
                warnings=journal.warnings,
                diagnostics=journal.steps,
                transcript=journal.transcript,
            )
        if lease.kind == JobKind.AUTOCONFIG and lease.question is not None:
            from actor_agent.autoconfig.looking_up import (  # noqa: PLC0415  # brings a DNS library and XML
                LookUp,
            )

            return Result(autoconfig=await LookUp(self._reach).of(lease.question.email_address))
        if lease.kind == JobKind.CHECK and lease.locator is not None:
            wanted = Wanted(lease.locator, lease.earlier_locators, lease.since, lease.folders)
            return _found(await self._look_with(lease, wanted, window, journal), journal)
        return _failed(FailureCode.UNSUPPORTED_JOB, journal)

    async def _look_with(
        self, lease: Lease, wanted: Wanted | None, window: SearchWindow, journal: Journal
    ) -> Found | None:
        if lease.target is None or lease.sealed is None:
            raise MailFailure(FailureCode.UNSUPPORTED_JOB)
        credentials = self._unsealer.open(lease.sealed, lease.id)
        if (overlap := overlap_of(list_interfaces())) is not None:
            journal.warn(FailureCode.ACTOR_INTERFACES_OVERLAP, overlap)
        return await self._look(lease.target, credentials, wanted, window, journal, self._reach)


def _found(found: Found | None, journal: Journal) -> Result:
    if found is None:
        raise TypeError("the mail side was given what to look for and found neither it nor a failure")
    return Result(
        code=found.codes[0],
        other_codes=found.codes[1 : 1 + MAX_OTHER_CODES],  # best first, so what is left out is least likely
        evidence=found.evidence,
        warnings=journal.warnings,
        diagnostics=journal.steps,
        transcript=journal.transcript,
    )


def _failed(code: FailureCode, journal: Journal) -> Result:
    return Result(
        failure_code=code, warnings=journal.warnings, diagnostics=journal.steps, transcript=journal.transcript
    )
