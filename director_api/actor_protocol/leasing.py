"""Giving checks to an Actor that asks for work."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol.roster import ActorIdentity
from director_api.actor_protocol.taken import LEASE, LOCKED, SEAL_SLACK, Taken
from director_api.actor_protocol.targets import sealed_for, target_of
from director_api.among import among
from director_api.clock import new_id
from director_api.email_profiles import manual_codes, secrets
from director_api.email_profiles.models import EmailProfile
from director_api.mail_settings.schemas import EmailActionSettings
from director_api.mail_settings.service import email_actions
from director_api.vault import Vault
from director_api.verifications import logins, state_machine, turns
from director_api.verifications.deadlines import SEARCH_GRACE
from director_api.verifications.lifecycle import Lifecycle, status_of
from director_api.verifications.locking import locked_checks
from director_api.verifications.models import Check, Lease
from director_api.verifications.room import has_room, places
from director_api.verifications.service import code_owner
from director_api.verifications.state_machine import CheckState
from wire_contract import jobs
from wire_contract.failure_codes import FailureCode
from wire_contract.job_kinds import JobKind
from wire_contract.verification_code import locator_of

_SLACK = timedelta(hours=48)
_FULL = timedelta(seconds=2)
"""How long until an Actor looks again for a place at a full mail server; one that ends a check looks at once."""


async def take(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, actor: ActorIdentity, capacity: int
) -> Taken:
    """Lease up to ``capacity`` checks to ``actor``, by priority and then by age.

    Those that must wait keep no others back.
    """
    now, actions = lifecycle.now(), await email_actions(session)
    room = has_room(actions)
    giving = _Giving(session, vault, lifecycle, actor, actions)
    looked_at: set[UUID] = set()
    while due := await _due(session, actor.id, now, looked_at, room, limit=capacity - len(giving.leases)):
        # Whoever holds nothing may wait; with one lock in hand, waiting for the next could be a circle.
        alone = not looked_at and len(due) == 1
        checks = {check.id: check for check in await locked_checks(session, due, skip_locked=not alone)}
        await giving.prepare(checks.values())
        for check_id in due:
            looked_at.add(check_id)
            if check_id in checks:
                await giving.give(checks[check_id])
    await session.flush()
    return Taken(tuple(giving.leases), await _next_look(session, actor.id, now, giving.done, room))


async def _next_look(
    session: AsyncSession, actor_id: UUID, now: datetime, done: set[UUID], room: ColumnElement[bool]
) -> datetime | None:
    """Return when to look again; for a place at a full mail server less often."""
    free, full = (
        await session.execute(
            select(func.min(case((room, Check.look_at))), func.min(case((not_(room), Check.look_at)))).where(
                Check.actor_id == actor_id,
                Check.state == CheckState.QUEUED,
                not_(among(Check.id, done)),
            )
        )
    ).one()
    looks = [
        max(look_at, now + least) for look_at, least in ((free, LOCKED), (full, _FULL)) if look_at is not None
    ]
    return min(looks, default=None)


async def _due(
    session: AsyncSession,
    actor_id: UUID,
    now: datetime,
    seen: set[UUID],
    room: ColumnElement[bool],
    *,
    limit: int,
) -> dict[UUID, UUID]:
    """Return the checks whose turn is next, each with its profile: due, with room, not seen yet."""
    if limit <= 0:
        return {}
    rows = await session.execute(
        select(Check.id, Check.profile_id)
        .where(
            Check.actor_id == actor_id,
            Check.state == CheckState.QUEUED,
            Check.look_at <= now,
            not_(among(Check.id, seen)),
            room,
        )
        .order_by(Check.priority, Check.look_at)
        .limit(limit)
    )
    return {check_id: profile_id for check_id, profile_id in rows}  # noqa: C416  # rows are not tuples to the checker


class _Giving:
    """Gives locked checks to one Actor. What many of them need is read in one statement each."""

    def __init__(
        self,
        session: AsyncSession,
        vault: Vault,
        lifecycle: Lifecycle,
        actor: ActorIdentity,
        actions: EmailActionSettings,
    ) -> None:
        self._session, self._vault, self._lifecycle = session, vault, lifecycle
        self._actor, self._actions = actor, actions
        self.leases: list[jobs.Lease] = []
        self.done: set[UUID] = set()
        """Checks that need no other look: given, or ended."""

    async def prepare(self, checks: Collection[Check]) -> None:
        """Read what decides on ``checks``, and the secrets that go with them."""
        session = self._session
        self._profiles = {
            check.profile_id: await session.get_one(EmailProfile, check.profile_id) for check in checks
        }
        self._places = await places(session, checks, self._actions)
        self._spent = await logins.budgets_spent(session, self._profiles.values(), self._lifecycle.now())
        self._clear = await secrets.reveal_all(session, self._vault, self._profiles)
        self._codes = await manual_codes.current_codes(
            session,
            self._vault,
            [profile.id for profile in self._profiles.values() if profile.send_verification_manually],
        )
        waited = {check.id for check in checks if self._waited(check)}
        self._search_anew = waited - await _leased_before(session, waited)

    async def give(self, check: Check) -> None:
        """Lease ``check``, end it where it may not be tried, or leave it waiting."""
        now, profile = self._lifecycle.now(), self._profiles[check.profile_id]
        self.done.add(check.id)
        if check.state != CheckState.QUEUED or check.look_at > now:
            return
        if await turns.waits_until(self._session, profile, check) is not None:
            return
        if logins.account_of(profile) in self._spent:
            await self._end(check, FailureCode.AUTH_BUDGET_EXHAUSTED)
        elif not secrets.has_consent(profile.configuration, self._clear[profile.id]):
            await self._end(
                check, FailureCode.GMAIL_CONSENT_MISSING
            )  # it was withdrawn while the check waited
        elif self._places.take(check):
            self.leases.append(await self._lease(profile, check))
        else:
            self.done.discard(check.id)

    def _waited(self, check: Check) -> bool:
        """Tell whether the search of ``check`` runs while it waits behind others, and not for its Actor alone."""
        waited = self._lifecycle.now() - check.created_at
        behind = waited > timedelta(seconds=self._actions.offline_seconds)
        one_reader = turns.admits_one_reader(self._profiles[check.profile_id])
        return check.search_until is not None and (one_reader or behind)

    async def _end(self, check: Check, code: FailureCode) -> None:
        await self._lifecycle.apply(self._session, check, state_machine.fail(status_of(check), code))

    async def _lease(self, profile: EmailProfile, check: Check) -> jobs.Lease:
        now, actor = self._lifecycle.now(), self._actor
        if check.id in self._search_anew:
            # The time spent waiting for one's turn is no part of the search.
            check.search_until = now + timedelta(seconds=self._actions.search_seconds)
        elif check.search_until is not None and check.attempts and check.search_until + SEARCH_GRACE <= now:
            # Its time was lost with earlier leases: it gets a last search, or it would end without any.
            check.search_until = now
        lease = Lease(id=new_id(), check_id=check.id, actor_id=actor.id, searches=0, given_at=now)
        self._session.add(lease)
        await self._lifecycle.apply(self._session, check, state_machine.lease(status_of(check)))
        check.lease_id, check.lease_expires_at = lease.id, now + LEASE
        check.diagnostics, check.warnings = [], []
        self._lifecycle.touch(self._session, check)
        manual = self._codes.get(profile.id)
        return jobs.Lease(
            id=lease.id,
            kind=JobKind.CHECK,
            check_id=check.id,
            expires_at=check.lease_expires_at,
            locator=locator_of(self._vault.decrypt(check.code_encrypted, owner=code_owner(check.id))),
            earlier_locators=manual.earlier_locators if manual else (),
            since=check.code_made_at - _SLACK,
            folders=tuple(self._actions.folders),
            target=target_of(profile),
            sealed=sealed_for(actor, profile, self._clear[profile.id], lease.id, expires_at=now + SEAL_SLACK),
        )


async def _leased_before(session: AsyncSession, check_ids: set[UUID]) -> set[UUID]:
    """Return those of the checks that some Actor has held before."""
    if not check_ids:
        return set()
    return set(await session.scalars(select(Lease.check_id).where(among(Lease.check_id, check_ids))))
