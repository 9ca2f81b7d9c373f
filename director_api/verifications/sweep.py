"""What happens to a check by time alone: an Actor that stays away, a lease that lapses, mail or search overdue."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import one_of
from director_api.database import Database
from director_api.email_profiles.models import EmailProfile
from director_api.loops import swept
from director_api.mail_settings.service import email_actions, offline_after
from director_api.verifications import logins, room, state_machine, turns
from director_api.verifications.deadlines import SEARCH_GRACE
from director_api.verifications.lifecycle import Lifecycle, status_of
from director_api.verifications.locking import locked_check
from director_api.verifications.models import Check
from director_api.verifications.state_machine import UNSENT, CheckState, MailState
from wire_contract.failure_codes import FailureCode

_AT_ONCE = 100


class Sweep:
    """Looks at each check when its deadline has come."""

    def __init__(self, database: Database, lifecycle: Lifecycle) -> None:
        self._database = database
        self._lifecycle = lifecycle

    async def run(self) -> None:
        """Sweep until cancelled: at the next deadline, and when an earlier one is set."""
        while True:
            await swept(self.sweep, self._next_deadline, self._lifecycle.deadlines, self._lifecycle.now)

    async def sweep(self) -> int:
        """Treat the checks whose deadline has come. Returns how many there were."""
        now = self._lifecycle.now()
        treated = 0
        if not (due := await self._due(now)):
            return 0
        async with self._database.write() as session:
            for check_id in due:
                check = await locked_check(session, check_id, skip_locked=True)
                if check is not None and check.deadline_at is not None and check.deadline_at <= now:
                    await self._treat(session, check, now)
                    await session.flush()
                    treated += 1
        return treated

    async def _due(self, now: datetime) -> Sequence[UUID]:
        async with self._database.read() as session:
            due = await session.scalars(
                select(Check.id).where(Check.deadline_at <= now).order_by(Check.deadline_at).limit(_AT_ONCE)
            )
            return due.all()

    async def _treat(self, session: AsyncSession, check: Check, now: datetime) -> None:
        status = status_of(check)
        if MailState(check.mail) in UNSENT and check.send_until is not None and check.send_until <= now:
            failed = state_machine.mail_failed(status, FailureCode.SEND_DEFERRED)
            await self._lifecycle.apply(session, check, failed)
        elif check.state == CheckState.QUEUED:
            await self._queued_too_long(session, check)
        elif check.lease_expires_at is not None and check.lease_expires_at <= now:
            await self._lapsed(session, check, now)
        elif check.search_until is not None and check.search_until + SEARCH_GRACE <= now:
            searched = check.searched_at is not None
            code = FailureCode.CODE_NOT_FOUND if searched else FailureCode.ACTOR_ERROR
            await self._lifecycle.apply(session, check, state_machine.fail(status, code))
        else:
            self._lifecycle.touch(session, check)

    async def _queued_too_long(self, session: AsyncSession, check: Check) -> None:
        profile = await session.get_one(EmailProfile, check.profile_id)
        other = await turns.waits_until(session, profile, check) or await self._behind_others(session, check)
        if other is None:
            failed = state_machine.fail(status_of(check), FailureCode.ACTOR_OFFLINE)
            await self._lifecycle.apply(session, check, failed)
            return
        # It was kept waiting by us, behind another Actor.
        check.offline_at = other + await offline_after(session)
        self._lifecycle.touch(session, check)

    async def _behind_others(self, session: AsyncSession, check: Check) -> datetime | None:
        """Return when those leases end that kept it from its turn: of its Actor, or at a place that is full."""
        before = Check.actor_id == check.actor_id
        of_account = None
        if not await room.is_there(session, check, await email_actions(session), self._lifecycle.now()):
            before = or_(before, Check.mail_host == check.mail_host)
            of_account = check.account and await turns.account_until(session, check.account)
        end: datetime | None = await session.scalar(
            select(func.max(Check.lease_expires_at)).where(one_of(Check.state, CheckState.LEASED), before)
        )
        return max((each for each in (end, of_account) if each), default=None)

    async def _lapsed(self, session: AsyncSession, check: Check, now: datetime) -> None:
        profile = await session.get_one(EmailProfile, check.profile_id)
        refused = await logins.record_silence(session, profile, check.lease_id, check.diagnostics, now)
        status = state_machine.lapse(status_of(check), refused)
        if status.state is CheckState.QUEUED:
            offline = await offline_after(session)
            await self._lifecycle.requeue(session, check, status, look_at=now, offline_after=offline)
            return
        await self._lifecycle.apply(session, check, status)
        if refused and profile.authenticated_revision != check.revision:
            await self._lifecycle.end_others(session, check, FailureCode.AUTH_NOT_ATTEMPTED)

    async def _next_deadline(self) -> datetime | None:
        async with self._database.read() as session:
            at: datetime | None = await session.scalar(select(func.min(Check.deadline_at)))
        return at
