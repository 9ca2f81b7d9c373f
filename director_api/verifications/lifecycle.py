"""What follows when a check's state changes: deadlines, the profile's status, the verification's end.

Every change of a check goes through :class:`Lifecycle`, within the caller's transaction.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import among, one_of
from director_api.clock import Clock, utc_now
from director_api.database import after_commit, signal
from director_api.email_profiles.models import EmailProfile
from director_api.email_profiles.standing import standings, tell_difference
from director_api.verifications import known, logins, state_machine, telling, turns
from director_api.verifications.deadlines import next_deadline
from director_api.verifications.locking import locked_profile
from director_api.verifications.models import Check, Verification
from director_api.verifications.state_machine import OPEN, CheckState, CheckStatus, MailState
from director_api.wakeups import Alarm, verification_topic, work_signal
from wire_contract.failure_codes import FailureCode


def status_of(check: Check) -> CheckStatus:
    """Return the part of a check that the state machine decides on."""
    return CheckStatus(
        CheckState(check.state),
        MailState(check.mail),
        check.attempts,
        FailureCode(check.failure_code) if check.failure_code else None,
    )


class Lifecycle:
    """Applies transitions and their consequences, and wakes those concerned after the commit."""

    def __init__(self, clock: Clock = utc_now, count: Callable[[str], None] = lambda _: None) -> None:
        self.now = clock
        self.deadlines, self.job_deadlines = Alarm(), Alarm()
        self._count = count

    async def apply(self, session: AsyncSession, check: Check, status: CheckStatus) -> None:
        """Give ``check`` its new status; when that ends it, do what follows."""
        before = status_of(check)
        check.state, check.mail, check.attempts = status.state, status.mail, status.attempts
        check.failure_code = status.failure_code
        known.note_state(session, check)
        if status.state is not CheckState.LEASED:
            check.lease_id = check.lease_expires_at = None
        ends = before.is_open and not status.is_open
        if ends:
            check.ended_at = self.now()
        self.touch(session, check)  # before what follows, which writes the row
        telling.progressed(session, check)  # before what it leads to, as the end of the verification
        if ends:
            await self._ended(session, check)
        if before.state is CheckState.LEASED and status.state is not CheckState.LEASED:
            await self._login_over(session, check)

    def touch(self, session: AsyncSession, check: Check) -> None:
        """Set the check's next deadline and tell who watches it that something changed."""
        check.deadline_at = next_deadline(check)
        self.tell(session, verification_topic(check.verification_id))
        if check.deadline_at is not None:
            after_commit(session, partial(self.deadlines.set, check.deadline_at))

    def tell(self, session: AsyncSession, topic: str, *, everywhere: bool = False) -> None:
        """Wake those who wait on ``topic`` after the commit: here, or at every Director."""
        signal(session, topic, everywhere=everywhere)

    async def requeue(
        self,
        session: AsyncSession,
        check: Check,
        status: CheckStatus,
        *,
        look_at: datetime,
        offline_after: timedelta,
    ) -> None:
        """Put a check back for its Actor to take at ``look_at``."""
        check.look_at = look_at
        check.offline_at = look_at + offline_after
        await self.apply(session, check, status)
        self.offer(session, check)
        await self._offer_waiting(session, check)

    def offer(self, session: AsyncSession, check: Check) -> None:
        """Tell the check's Actor, after the commit, that there may be work."""
        self.announce(session, check.actor_id, check.look_at)

    def announce(self, session: AsyncSession, actor_id: UUID, look_at: datetime) -> None:
        """Tell an Actor, after the commit, that there may be work from ``look_at`` on."""
        signal(session, work_signal(actor_id, look_at), everywhere=True)

    async def offer_turn(self, session: AsyncSession, profile_id: UUID) -> None:
        """Tell whose checks and connectivity checks of a profile wait that it may be their turn."""
        checks = await session.execute(
            select(Check.actor_id, Check.look_at)
            .join(Verification, Verification.id == Check.verification_id)
            .where(
                Verification.profile_id == profile_id,
                one_of(Verification.state, "running"),
                one_of(Check.state, CheckState.QUEUED),
            )
        )
        for actor_id, look_at in checks:
            self.announce(session, actor_id, look_at)
        await self._offer_jobs(session, profile_id)

    async def end_others(self, session: AsyncSession, check: Check, code: FailureCode) -> None:
        """End the checks of the same run that wait: ``check`` showed that they would fail too."""
        for other in await self._open_checks(session, Check.verification_id == check.verification_id):
            if other.id != check.id and other.state == CheckState.QUEUED:
                await self.apply(session, other, state_machine.fail(status_of(other), code))

    async def end_running(
        self,
        session: AsyncSession,
        profile_id: UUID,
        code: FailureCode,
        actor_ids: Collection[UUID] | None = None,
    ) -> None:
        """End every open check of a profile, or those of some Actors."""
        concerned = Check.profile_id == profile_id
        if actor_ids is not None:
            concerned &= among(Check.actor_id, actor_ids)
        for check in await self._open_checks(session, concerned):
            await self.apply(session, check, state_machine.fail(status_of(check), code))

    async def cancel(self, session: AsyncSession, verification: Verification) -> bool:
        """Cancel every open check of a verification. What the Actors found before stays.

        Returns whether there was one. Nobody reports what became of a login that was under way, so it counts as refused.
        """
        await locked_profile(session, verification.profile_id)
        profile = await session.get_one(EmailProfile, verification.profile_id)
        checks = await self._open_checks(session, Check.verification_id == verification.id)
        for check in checks:
            await logins.record_silence(session, profile, check.lease_id, check.diagnostics, self.now())
            await self.apply(session, check, state_machine.cancel(status_of(check)))
        return bool(checks)

    async def login_worked(self, session: AsyncSession, check: Check) -> None:
        """A login with this revision of the profile worked, so the other Actors may try theirs."""
        profile = await session.get_one(EmailProfile, check.profile_id)  # which is locked: see locking
        if profile.revision == check.revision != profile.authenticated_revision:
            profile.authenticated_revision = check.revision
            await self._offer_waiting(session, check)
            await self._offer_jobs(session, profile.id)

    async def _login_over(self, session: AsyncSession, check: Check) -> None:
        """It was tried whether the login works: those that waited for it may try theirs."""
        profile = await session.get_one(EmailProfile, check.profile_id)  # which is locked: see locking
        if profile.authenticated_revision != check.revision or turns.admits_one_reader(profile):
            await self._offer_jobs(session, profile.id)

    async def _offer_jobs(self, session: AsyncSession, profile_id: UUID) -> None:
        for actor_id, look_at in await known.waiting_jobs_of(session, profile_id):
            self.announce(session, actor_id, look_at)

    async def _ended(self, session: AsyncSession, check: Check) -> None:
        if check.state != CheckState.CANCELLED:
            await self._record_status(session, check)
        if not await self._finish_verification(session, check.verification_id):
            await self._offer_waiting(session, check)

    async def _record_status(self, session: AsyncSession, check: Check) -> None:
        # Its profile is locked (see locking): of two checks that end at once, the later sees the earlier.
        profile = await session.get_one(EmailProfile, check.profile_id)
        if profile.revision != check.revision:
            return
        actors = await known.actors_of(session, profile.id)
        own = next((actor for actor in actors if actor.actor_id == check.actor_id), None)
        if own is None:
            return  # it was taken off the profile meanwhile
        before = standings(actors)
        own.status, own.failure_code, own.checked_at = check.state, check.failure_code, check.ended_at
        tell_difference(session, profile, before, standings(actors))

    async def _offer_waiting(self, session: AsyncSession, check: Check) -> None:
        if known.is_last_open(session, check):
            return
        for other in await self._open_checks(session, Check.verification_id == check.verification_id):
            if other.id != check.id and other.state == CheckState.QUEUED:
                self.offer(session, other)

    async def _finish_verification(self, session: AsyncSession, verification_id: UUID) -> bool:
        """End the verification if all its checks have. Returns whether they have."""
        states = await known.states_in(session, verification_id)
        if any(state in OPEN for state in states):
            return False
        verification = await session.get_one(Verification, verification_id)
        cancelled = CheckState.CANCELLED in states
        verification.state = "cancelled" if cancelled else "finished"
        verification.outcome = None if cancelled else outcome_of(states)
        verification.finished_at = self.now()
        telling.finished(session, verification)
        after_commit(session, partial(self._count, verification.outcome or verification.state))
        return True

    async def _open_checks(self, session: AsyncSession, condition: object) -> Sequence[Check]:
        rows = await session.scalars(
            select(Check)
            .where(condition, one_of(Check.state, *OPEN))  # type: ignore[arg-type]  # a column expression
            .order_by(Check.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return rows.all()


def outcome_of(states: Collection[str]) -> str:
    """Return what checks that have all ended amount to."""
    verified = sum(state == CheckState.VERIFIED for state in states)
    if verified == 0:
        return "unverified"
    return "verified" if verified == len(states) else "partially_verified"
