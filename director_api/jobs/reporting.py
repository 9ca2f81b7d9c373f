"""What an Actor says of a job without mail that it holds: progress, hand-back, result."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol.progress import cleaned_lines, cleaned_steps, cleaned_warnings, superseded
from director_api.actor_protocol.roster import ActorIdentity
from director_api.actor_protocol.taken import LEASE
from director_api.jobs import lifecycle as following
from director_api.jobs.locking import locked_job
from director_api.jobs.models import Job, JobLease, JobRun
from director_api.problems import Problem, invalid_field
from director_api.verifications import logins, state_machine
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.state_machine import CheckState, CheckStatus
from wire_contract.failure_codes import FailureCode
from wire_contract.job_kinds import JobKind
from wire_contract.results import LeaseRenewed, LeaseState, LeaseUpdate, Result, ResultRecorded

LONGEST = timedelta(minutes=10)
"""Five sessions of 120 s, one after the other: an Actor that takes longer is not at work any more."""


async def job_hold(
    session: AsyncSession, lifecycle: Lifecycle, actor: ActorIdentity, lease_id: UUID
) -> "JobHold | None":
    """Return the Actor's own lease of a job, if it is one."""
    lease = await session.get(JobLease, lease_id)
    if lease is None or lease.actor_id != actor.id:
        return None
    found = await locked_job(session, lease.job_id)
    if found is None:  # its profile was deleted meanwhile
        return None
    run, job = found
    return JobHold(session, lifecycle, lease, run, job)


@dataclass(frozen=True, slots=True)
class JobHold:
    """A lease of a connectivity check or a look-up."""

    session: AsyncSession
    lifecycle: Lifecycle
    lease: JobLease
    run: JobRun
    job: Job

    async def renew(self, update: LeaseUpdate) -> LeaseRenewed:
        """See :class:`~director_api.actor_protocol.holding.Hold`."""
        now = self.lifecycle.now()
        if not self._is_current:
            return LeaseRenewed(expires_at=now, state=LeaseState.CANCELLED)
        await self._progressed(update)
        if now - self.lease.given_at > LONGEST:
            await self._apply(state_machine.fail(self._status, FailureCode.ACTOR_ERROR))
            return LeaseRenewed(expires_at=now, state=LeaseState.CANCELLED)
        expires_at: datetime = now + LEASE
        self.job.lease_expires_at = expires_at
        following.touch(self.session, self.lifecycle, self.job)
        return LeaseRenewed(expires_at=expires_at, state=LeaseState.CONTINUE)

    async def hand_back(self, update: LeaseUpdate) -> None:
        """See :class:`~director_api.actor_protocol.holding.Hold`. Nothing of it waits: it is due at once."""
        if not self._is_current:
            raise superseded()
        await self._progressed(update)
        await following.requeue(
            self.session,
            self.lifecycle,
            self.run,
            self.job,
            state_machine.hand_back(self._status),
            look_at=self.lifecycle.now(),
            offline_after=LEASE,
        )

    async def record(self, result: Result) -> ResultRecorded | Problem:
        """See :class:`~director_api.actor_protocol.holding.Hold`. A repetition gets what was recorded."""
        if not self._status.is_open:
            return self._recorded()
        if not self._is_current:
            if self.run.account is not None:
                now = self.lifecycle.now()
                await logins.record_late_refusals(self.session, self.run, self.lease.id, result, now)
            return superseded()
        ending = self._ending(result)
        self.job.diagnostics = cleaned_steps(result.diagnostics) or self.job.diagnostics
        self.job.warnings = cleaned_warnings(result.warnings)
        self.job.transcript = cleaned_lines(result.transcript)
        if result.autoconfig is not None:
            self.job.answer = result.autoconfig.model_dump(mode="json")
        if logins.login_worked(result.diagnostics):
            await following.login_worked(self.session, self.lifecycle, self.run)
        await self._apply(ending)
        if self.run.account is not None:
            await self._count_logins(result)
        return self._recorded()

    @property
    def _status(self) -> CheckStatus:
        return following.status_of(self.job)

    @property
    def _is_current(self) -> bool:
        return self.job.lease_id == self.lease.id

    def _ending(self, result: Result) -> CheckStatus:
        if result.failure_code is not None:
            return state_machine.fail(self._status, result.failure_code)
        if self.run.kind == JobKind.CONNECTIVITY and result.connected:
            return state_machine.complete(self._status, CheckState.CONNECTED)
        if self.run.kind == JobKind.AUTOCONFIG and result.autoconfig is not None:
            return state_machine.complete(self._status, CheckState.ANSWERED)
        raise invalid_field(
            "/connected" if result.connected else "/code",
            "invalid_value",
            f"This job is of the kind {self.run.kind}: report what belongs to it.",
        )

    async def _progressed(self, update: LeaseUpdate) -> None:
        if update.progress:
            self.job.diagnostics = cleaned_steps(update.progress)
        if logins.login_worked(update.progress):
            await following.login_worked(self.session, self.lifecycle, self.run)

    async def _count_logins(self, result: Result) -> None:
        code = result.failure_code
        now = self.lifecycle.now()
        await logins.record_refusals(self.session, self.run, code, result.diagnostics, now)
        if code is not None and logins.is_login_failure(code) and not self.run.authenticated:
            not_attempted = FailureCode.AUTH_NOT_ATTEMPTED
            await following.end_waiting(self.session, self.lifecycle, self.run, not_attempted)

    async def _apply(self, status: CheckStatus) -> None:
        await following.apply(self.session, self.lifecycle, self.run, self.job, status)

    def _recorded(self) -> ResultRecorded:
        code = self.job.failure_code
        return ResultRecorded(state=self.job.state, failure_code=FailureCode(code) if code else None)
