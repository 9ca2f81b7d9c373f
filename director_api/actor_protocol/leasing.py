"""Giving checks to an Actor that asks for work."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol.facts import facts_of
from director_api.actor_protocol.roster import ActorIdentity
from director_api.actor_protocol.taken import FULL, LEASE, LOCKED, SEAL_SLACK, Taken
from director_api.actor_protocol.targets import sealed_for, target_of
from director_api.among import among_named, one_of
from director_api.clock import new_id
from director_api.email_profiles import secrets
from director_api.email_profiles.models import EmailProfile
from director_api.mail_settings.schemas import EmailActionSettings
from director_api.vault import Vault
from director_api.verifications import logins, state_machine, turns
from director_api.verifications.budget import Logins
from director_api.verifications.deadlines import SEARCH_GRACE
from director_api.verifications.lifecycle import Lifecycle, status_of
from director_api.verifications.locking import keep_locked, locked_profile
from director_api.verifications.models import Check, Lease
from director_api.verifications.room import HAS_ROOM, Places, held, room_by
from director_api.verifications.service import code_owner
from director_api.verifications.state_machine import CheckState
from wire_contract import jobs
from wire_contract.failure_codes import FailureCode
from wire_contract.job_kinds import JobKind
from wire_contract.verification_code import locator_of

_SLACK = timedelta(hours=48)


async def take(
    session: AsyncSession,
    vault: Vault,
    lifecycle: Lifecycle,
    actor: ActorIdentity,
    actions: EmailActionSettings,
    capacity: int,
    waiting: int,
    *,
    may_wait: bool,
) -> Taken:
    """Lease up to ``capacity`` checks to ``actor``, by priority and then by age.

    Those that must wait keep no others back. ``waiting``: how many the Actor has, counted in this transaction.
    ``may_wait``: the transaction holds no lock yet.
    """
    now = lifecycle.now()
    giving = _Giving(session, vault, lifecycle, actor, actions)
    looked_at: set[UUID] = set()
    while (left := capacity - len(giving.leases)) > 0:
        due = await _locked_due(session, actor.id, now, actions, looked_at, left)
        if may_wait and not due and not looked_at:  # for the one check that is due, which another holds
            due = await _awaited_due(session, actor.id, now, actions)
        if not due:
            break
        looked_at.update(each.check.id for each in due)
        await giving.give(due)
    await session.flush()
    next_look = None
    if waiting > len(giving.done):
        next_look = await _next_look(session, actor.id, now, actions, giving.done)
    return Taken(tuple(giving.leases), next_look)


class _Due(NamedTuple):
    """A check whose turn it is, locked, with whether the places that it needs are held."""

    check: Check
    profile: EmailProfile
    host_is_held: bool
    mailbox_is_held: bool


async def _locked_due(
    session: AsyncSession,
    actor_id: UUID,
    now: datetime,
    actions: EmailActionSettings,
    seen: Iterable[UUID],
    limit: int,
) -> list[_Due]:
    """Lock the checks whose turn is next: due, with room, not seen yet. What another holds is left out."""
    wanted = {"actor_id": actor_id, "now": now, "seen": list(seen), "limit": limit, **room_by(actions, now)}
    due = [_Due(*row) for row in await session.execute(_LOCKED_DUE, wanted)]
    keep_locked(session, [each.profile for each in due])
    return due


async def _awaited_due(
    session: AsyncSession, actor_id: UUID, now: datetime, actions: EmailActionSettings
) -> list[_Due]:
    """Wait for the lock of the only check that is due, and lock it as :func:`_locked_due` does.

    Where several are due, all of which others hold, the Actor looks again soon.
    """
    wanted = {"actor_id": actor_id, "now": now, **room_by(actions, now)}
    owners = await session.scalars(select(Check.profile_id).where(_IS_DUE).limit(2), wanted)
    match owners.all():
        case [profile_id] if await locked_profile(session, profile_id) is not None:
            return await _locked_due(session, actor_id, now, actions, (), 1)
    return []


async def _next_look(
    session: AsyncSession, actor_id: UUID, now: datetime, actions: EmailActionSettings, done: set[UUID]
) -> datetime | None:
    """Return when to look again; for a place at a full mail server less often."""
    wanted = {"actor_id": actor_id, "done": list(done), **room_by(actions, now)}
    rows = await session.execute(_NEXT_LOOK, wanted)
    return min(
        (max(look_at, now + (LOCKED if has_room else FULL)) for has_room, look_at in rows), default=None
    )


_WAITS = and_(Check.actor_id == bindparam("actor_id"), one_of(Check.state, CheckState.QUEUED))
_IS_DUE = and_(_WAITS, Check.look_at <= bindparam("now"), HAS_ROOM)
_LOCKED_DUE = (
    select(Check, EmailProfile, held(Check.mail_host), held(Check.account))
    .join(EmailProfile, EmailProfile.id == Check.profile_id)
    .where(_IS_DUE, not_(among_named(Check.id, "seen")))
    .order_by(Check.priority, Check.look_at)
    .limit(bindparam("limit"))
    .with_for_update(of=[EmailProfile, Check], skip_locked=True)  # in this order: see locking
    .execution_options(populate_existing=True)
)
_NEXT_LOOK = (
    select(HAS_ROOM.label("has_room"), func.min(Check.look_at))
    .where(_WAITS, not_(among_named(Check.id, "done")))
    .group_by("has_room")
)


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

    async def give(self, due: Collection[_Due]) -> None:
        """Lease each check, end it where it may not be tried, or leave it waiting."""
        checks = [each.check for each in due]
        self._facts = await facts_of(self._session, checks, logins.counted_since(self._lifecycle.now()))
        self._places = Places(self._actions, self._taken(due), self._logins(due))
        self._clear = await secrets.reveal_all(self._session, self._vault, [each.profile.id for each in due])
        for check, profile, *_ in due:
            await self._give(check, profile)

    def _taken(self, due: Collection[_Due]) -> dict[str, int]:
        taken: dict[str, int] = {}
        for check, _, host_is_held, mailbox_is_held in due:
            facts = self._facts[check.id]
            if host_is_held and check.mail_host is not None:
                taken[check.mail_host] = facts.at_host
            if mailbox_is_held and check.account is not None:
                taken[check.account] = facts.at_mailbox
        return taken

    def _logins(self, due: Collection[_Due]) -> dict[str, Logins]:
        return {
            check.account: self._facts[check.id].logins
            for check, _, _, mailbox_is_held in due
            if mailbox_is_held and check.account is not None
        }

    async def _give(self, check: Check, profile: EmailProfile) -> None:
        self.done.add(check.id)
        if await self._must_wait(check, profile):
            return
        if self._facts[check.id].logins.are_refused:
            await self._end(check, FailureCode.AUTH_BUDGET_EXHAUSTED)
        elif not secrets.has_consent(profile.configuration, self._clear[profile.id]):
            # It was withdrawn while the check waited.
            await self._end(check, FailureCode.GMAIL_CONSENT_MISSING)
        elif self._places.take(check, proven=profile.authenticated_revision == check.revision):
            self.leases.append(await self._lease(profile, check))
        else:
            self.done.discard(check.id)

    async def _must_wait(self, check: Check, profile: EmailProfile) -> bool:
        """Tell whether it is another Actor's turn: see turns."""
        if turns.admits_one_reader(profile):
            return await turns.reader_until(self._session, profile) is not None
        # Read ahead, and still true: an Actor has one check of a profile, so none of those given now is of this one.
        return profile.authenticated_revision != check.revision and self._facts[check.id].profile_is_tried

    def _search_anew(self, check: Check, profile: EmailProfile) -> bool:
        """Tell whether the search of ``check`` ran while it waited behind others, and not for its Actor alone."""
        waited = self._lifecycle.now() - check.created_at
        behind = waited > timedelta(seconds=self._actions.offline_seconds)
        first = check.search_until is not None and not self._facts[check.id].was_leased
        return first and (behind or turns.admits_one_reader(profile))

    async def _end(self, check: Check, code: FailureCode) -> None:
        await self._lifecycle.apply(self._session, check, state_machine.fail(status_of(check), code))

    async def _lease(self, profile: EmailProfile, check: Check) -> jobs.Lease:
        now, actor = self._lifecycle.now(), self._actor
        if self._search_anew(check, profile):
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
        code = self._facts[check.id].manual_code
        return jobs.Lease(
            id=lease.id,
            kind=JobKind.CHECK,
            check_id=check.id,
            expires_at=check.lease_expires_at,
            locator=locator_of(self._vault.decrypt(check.code_encrypted, owner=code_owner(check.id))),
            earlier_locators=tuple(code.earlier_locators)
            if code and profile.send_verification_manually
            else (),
            since=check.code_made_at - _SLACK,
            folders=tuple(self._actions.folders),
            target=target_of(profile),
            sealed=sealed_for(actor, profile, self._clear[profile.id], lease.id, expires_at=now + SEAL_SLACK),
        )
