"""Giving checks to an Actor that asks for work."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol.queue import next_look
from director_api.actor_protocol.roster import ActorIdentity
from director_api.actor_protocol.taken import LEASE, LOCKED, SEAL_SLACK, Taken
from director_api.actor_protocol.targets import sealed_for, target_of
from director_api.clock import new_id
from director_api.email_profiles import manual_codes, secrets
from director_api.email_profiles.models import EmailProfile
from director_api.mail_settings.schemas import EmailActionSettings
from director_api.mail_settings.service import email_actions
from director_api.vault import Vault
from director_api.verifications import logins, state_machine, turns
from director_api.verifications.lifecycle import Lifecycle, status_of
from director_api.verifications.locking import locked_check
from director_api.verifications.models import Check, Lease
from director_api.verifications.room import has_room, takes_place
from director_api.verifications.service import code_owner
from director_api.verifications.state_machine import CheckState
from wire_contract import jobs
from wire_contract.failure_codes import FailureCode
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
    leases: list[jobs.Lease] = []
    seen: list[UUID] = []
    held: list[UUID] = []
    while due := await _due(session, actor.id, now, [*seen, *held], room, limit=capacity - len(leases)):
        for check_id in due:
            # Whoever holds nothing may wait; with one lock in hand, waiting for the next could be a circle.
            check = await locked_check(session, check_id, skip_locked=bool(seen))
            if check is None:
                held.append(check_id)
                continue
            seen.append(check_id)
            if check.state != CheckState.QUEUED or check.look_at > now:
                continue
            profile = await session.get_one(EmailProfile, check.profile_id)
            if await turns.waits_until(session, profile, check) is not None:
                continue
            if await logins.budget_spent(session, profile, now):
                spent = state_machine.fail(status_of(check), FailureCode.AUTH_BUDGET_EXHAUSTED)
                await lifecycle.apply(session, check, spent)
                continue
            if not await takes_place(session, check, actions):
                seen.remove(check_id)
                held.append(check_id)
                continue
            if not await secrets.consented(session, profile.id, profile.configuration):
                # It was withdrawn while the check waited.
                ended = state_machine.fail(status_of(check), FailureCode.GMAIL_CONSENT_MISSING)
                await lifecycle.apply(session, check, ended)
                continue
            leases.append(await _lease(session, vault, lifecycle, actor, profile, check, actions))
    return Taken(tuple(leases), await _next_look(session, actor.id, now, seen, room))


async def _next_look(
    session: AsyncSession, actor_id: UUID, now: datetime, seen: list[UUID], room: ColumnElement[bool]
) -> datetime | None:
    """Return when to look again; for a place at a full mail server less often."""
    looks = (
        await next_look(session, Check, actor_id, now + LOCKED, seen, room),
        await next_look(session, Check, actor_id, now + _FULL, seen, not_(room)),
    )
    return min((look for look in looks if look is not None), default=None)


async def _due(
    session: AsyncSession,
    actor_id: UUID,
    now: datetime,
    seen: list[UUID],
    room: ColumnElement[bool],
    *,
    limit: int,
) -> Sequence[UUID]:
    """Return the checks whose turn is next, of those that are due, have room and were not seen yet."""
    if limit <= 0:
        return ()
    rows = await session.scalars(
        select(Check.id)
        .where(
            Check.actor_id == actor_id,
            Check.state == CheckState.QUEUED,
            Check.look_at <= now,
            Check.id.not_in(seen),
            room,
        )
        .order_by(Check.priority, Check.look_at)
        .limit(limit)
    )
    return rows.all()


async def _lease(
    session: AsyncSession,
    vault: Vault,
    lifecycle: Lifecycle,
    actor: ActorIdentity,
    profile: EmailProfile,
    check: Check,
    actions: EmailActionSettings,
) -> jobs.Lease:
    now = lifecycle.now()
    if (
        check.search_until is not None
        and (turns.admits_one_reader(profile) or _kept_waiting(check, now, actions))
        and not await _was_leased(session, check)
    ):
        # The time spent waiting for one's turn is no part of the search.
        check.search_until = now + timedelta(seconds=actions.search_seconds)
    lease = Lease(id=new_id(), check_id=check.id, actor_id=actor.id, searches=0, given_at=now)
    session.add(lease)
    await lifecycle.apply(session, check, state_machine.lease(status_of(check)))
    check.lease_id, check.lease_expires_at = lease.id, now + LEASE
    check.diagnostics, check.warnings = [], []
    lifecycle.touch(session, check)
    await session.flush()
    manual = None
    if profile.send_verification_manually:
        manual = await manual_codes.current_code(session, vault, profile.id)
    clear = await secrets.reveal(session, vault, profile.id)
    return jobs.Lease(
        id=lease.id,
        kind=jobs.JobKind.CHECK,
        check_id=check.id,
        expires_at=check.lease_expires_at,
        locator=locator_of(vault.decrypt(check.code_encrypted, owner=code_owner(check.id))),
        earlier_locators=manual.earlier_locators if manual else (),
        since=check.code_made_at - _SLACK,
        folders=tuple(actions.folders),
        target=target_of(profile),
        sealed=sealed_for(actor, profile, clear, lease.id, expires_at=now + SEAL_SLACK),
    )


def _kept_waiting(check: Check, now: datetime, actions: EmailActionSettings) -> bool:
    """Tell whether a check waited longer than for an Actor alone: other checks were before it."""
    return now - check.created_at > timedelta(seconds=actions.offline_seconds)


async def _was_leased(session: AsyncSession, check: Check) -> bool:
    return await session.scalar(select(Lease.id).where(Lease.check_id == check.id).limit(1)) is not None
