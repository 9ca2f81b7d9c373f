"""What an Actor says of a check that it holds: progress, hand-back, result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol.progress import cleaned_lines, cleaned_steps, cleaned_warnings, superseded
from director_api.actor_protocol.roster import ActorIdentity
from director_api.actor_protocol.taken import LEASE
from director_api.among import among
from director_api.email_profiles.models import EmailProfile
from director_api.email_profiles.secret_rules import calls_for_consent
from director_api.events.log import EventType, emit
from director_api.mail_settings.service import offline_after
from director_api.problems import Problem, invalid_field
from director_api.vault import Vault
from director_api.verifications import known, logins, state_machine, telling
from director_api.verifications.lifecycle import Lifecycle, status_of
from director_api.verifications.locking import locked_check, locked_checks
from director_api.verifications.models import Check, Lease, Verification
from director_api.verifications.service import code_owner
from wire_contract.diagnostics import Step
from wire_contract.failure_codes import FailureCode
from wire_contract.results import LeaseRenewed, LeaseState, LeaseUpdate, Result, ResultRecorded
from wire_contract.verification_code import same_code

_LONGEST_HAND_BACK = timedelta(hours=1)
_PAUSE = timedelta(seconds=60)
_PASSING = frozenset(
    {
        FailureCode.DNS_FAILED,
        FailureCode.TCP_REFUSED,
        FailureCode.TCP_TIMED_OUT,
        FailureCode.TCP_UNREACHABLE,
        FailureCode.CONNECTION_CLOSED,
        FailureCode.GREETING_MISSING,
        FailureCode.GREETING_REFUSED,
        FailureCode.REPLY_TIMED_OUT,
        FailureCode.AUTH_TEMPORARILY_UNAVAILABLE,
        FailureCode.MAILBOX_IN_USE,
        FailureCode.MAILBOX_UNAVAILABLE,
        FailureCode.GRAPH_THROTTLED,
        FailureCode.GRAPH_UNAVAILABLE,
        FailureCode.GMAIL_THROTTLED,
        FailureCode.GMAIL_UNAVAILABLE,
    }
)
"""What a server that worked comes back from: a restart, an update, a path that was cut."""
_ROUNDING = timedelta(seconds=1)
"""An Actor is told seconds that are left, and counts them by its own clock."""


@dataclass(frozen=True, slots=True)
class Held:
    """A lease of the calling Actor, its check, and whether the check is still held by it."""

    lease: Lease
    check: Check
    current: bool


async def check_hold(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, actor: ActorIdentity, lease_id: UUID
) -> "CheckHold | None":
    """Return the Actor's own lease of a check, if it is one."""
    lease = await session.get(Lease, lease_id)
    if lease is None or lease.actor_id != actor.id:
        return None
    check = await locked_check(session, lease.check_id)
    if check is None:  # the profile was deleted meanwhile
        return None
    return CheckHold(session, vault, lifecycle, Held(lease, check, check.lease_id == lease.id))


async def check_holds(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, actors: Mapping[UUID, UUID]
) -> dict[UUID, "CheckHold"]:
    """Return many leases of checks at once, read in few statements. ``actors``: whose each is, by its id.

    Those are left out that are no Actor's own, of no check, or of a profile that another holds.
    """
    rows = await session.execute(
        select(Lease, Check.profile_id).join(Check, Check.id == Lease.check_id).where(among(Lease.id, actors))
    )
    own = {lease: profile_id for lease, profile_id in rows if lease.actor_id == actors[lease.id]}
    profiles = {lease.check_id: profile_id for lease, profile_id in own.items()}
    checks = {check.id: check for check in await locked_checks(session, profiles, skip_locked=True)}
    await known.read_ahead(session, checks.values())
    return {
        lease.id: CheckHold(session, vault, lifecycle, Held(lease, check, check.lease_id == lease.id))
        for lease in own
        if (check := checks.get(lease.check_id)) is not None
    }


@dataclass(frozen=True, slots=True)
class CheckHold:
    """A lease of a check: see :class:`~director_api.actor_protocol.holding.Hold`."""

    session: AsyncSession
    vault: Vault
    lifecycle: Lifecycle
    held: Held

    async def renew(self, update: LeaseUpdate) -> LeaseRenewed:
        """See :func:`renew`."""
        return await renew(self.session, self.lifecycle, self.held, update)

    async def hand_back(self, update: LeaseUpdate) -> None:
        """See :func:`hand_back`."""
        await hand_back(self.session, self.lifecycle, self.held, update)

    async def record(self, result: Result) -> ResultRecorded | Problem:
        """See :func:`record`."""
        return await record(self.session, self.vault, self.lifecycle, self.held, result)


async def renew(session: AsyncSession, lifecycle: Lifecycle, hold: Held, update: LeaseUpdate) -> LeaseRenewed:
    """Prolong a lease and store what happened so far. A lease that no longer holds is called off."""
    check, now = hold.check, lifecycle.now()
    if not hold.current:
        return LeaseRenewed(expires_at=now, state=LeaseState.CANCELLED)
    _store_progress(check, update.progress)
    _note_searches(hold, update, now)
    if logins.login_worked(update.progress):
        await lifecycle.login_worked(session, check)
    check.lease_expires_at = now + LEASE
    if update.progress:
        telling.progressed(session, check)
    lifecycle.touch(session, check)
    return LeaseRenewed(
        expires_at=check.lease_expires_at,
        state=LeaseState.CONTINUE,
        search_seconds_left=_seconds_left(check, now),
    )


async def hand_back(session: AsyncSession, lifecycle: Lifecycle, hold: Held, update: LeaseUpdate) -> None:
    """Take a check back until a later look; the last look falls on the end of the search.

    Raises:
        Problem: the lease was superseded.
    """
    if not hold.current:
        raise superseded()
    check, now = hold.check, lifecycle.now()
    _store_progress(check, update.progress)
    _note_searches(hold, update, now)  # a renewal may never have told of them
    profile = await session.get_one(EmailProfile, check.profile_id)
    await logins.record_refusals(session, profile, None, update.progress, now)
    look_at = min(max(update.look_again_at or now, now), now + _LONGEST_HAND_BACK)
    if check.search_until is not None:
        look_at = max(now, min(look_at, check.search_until))
    await lifecycle.requeue(
        session,
        check,
        state_machine.hand_back(status_of(check)),
        look_at=look_at,
        offline_after=await offline_after(session),
    )


async def record(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, hold: Held, result: Result
) -> ResultRecorded | Problem:
    """Record a result. Only the right code makes a check Verified, whatever the Actor says.

    Returns a Problem where the lease was superseded and the result does not prove anything: the logins
    that it tells of count even so.

    Raises:
        Problem: the result is of another kind of job.
    """
    check = hold.check
    if not status_of(check).is_open:
        return _recorded(check)
    proved = _proves(check, vault, result)
    profile = await session.get_one(EmailProfile, check.profile_id)
    if not hold.current and not proved:
        await logins.record_late_refusals(session, profile, hold.lease.id, result, lifecycle.now())
        return superseded()
    if result.connected or result.autoconfig is not None:
        pointer = "/connected" if result.connected else "/autoconfig"
        raise invalid_field(pointer, "invalid_value", "This job is a check: report the code that was read.")
    _store_progress(check, result.diagnostics)
    check.warnings = cleaned_warnings(result.warnings)
    check.transcript = cleaned_lines(result.transcript)
    await logins.record_refusals(session, profile, result.failure_code, result.diagnostics, lifecycle.now())
    if logins.login_worked(result.diagnostics) or proved:
        await lifecycle.login_worked(session, check)
    if proved:
        await _verified(session, lifecycle, check, result)
    else:
        code = result.failure_code or FailureCode.CODE_MISMATCH
        if _will_pass(check, code, result.diagnostics, lifecycle.now()):
            await _look_again(session, lifecycle, check)
        else:
            await _unverified(session, lifecycle, profile, check, code)
    return _recorded(check)


async def _verified(session: AsyncSession, lifecycle: Lifecycle, check: Check, result: Result) -> None:
    run = await session.get_one(Verification, check.verification_id)
    check.proof = "manual" if run.manual else "retrieved"
    check.evidence = result.evidence.model_dump(mode="json", by_alias=True) if result.evidence else None
    await lifecycle.apply(session, check, state_machine.prove(status_of(check)))


async def _unverified(
    session: AsyncSession, lifecycle: Lifecycle, profile: EmailProfile, check: Check, code: FailureCode
) -> None:
    if code is FailureCode.CODE_NOT_FOUND and _too_early(check, lifecycle.now()):
        # The search may end only after the message had its time: the Actor looks once more.
        await lifecycle.requeue(
            session,
            check,
            state_machine.hand_back(status_of(check)),
            look_at=check.search_until or lifecycle.now() + LEASE,
            offline_after=LEASE,
        )
        return
    unproven = profile.authenticated_revision != check.revision
    await lifecycle.apply(session, check, state_machine.fail(status_of(check), code))
    if calls_for_consent(profile.configuration, code):
        told = {
            "profile_id": str(profile.id),
            "email_address": profile.email_address,
            "failure_code": code.value,
        }
        emit(session, EventType.CONSENT_REQUIRED, told)
    if logins.is_login_failure(code) and unproven:
        await lifecycle.end_others(session, check, FailureCode.AUTH_NOT_ATTEMPTED)


def _will_pass(check: Check, code: FailureCode, steps: tuple[Step, ...], now: datetime) -> bool:
    """Tell whether a mailbox that this check has searched before may be readable again before its time is up."""
    was_read = check.searched_at is not None and not logins.attempts_spent(code, steps)
    return was_read and code in _PASSING and _too_early(check, now)


async def _look_again(session: AsyncSession, lifecycle: Lifecycle, check: Check) -> None:
    look_at = lifecycle.now() + _PAUSE
    await lifecycle.requeue(
        session,
        check,
        state_machine.hand_back(status_of(check)),
        look_at=look_at if check.search_until is None else min(look_at, check.search_until),
        offline_after=await offline_after(session),
    )


def _too_early(check: Check, now: datetime) -> bool:
    return check.search_until is None or now < check.search_until - _ROUNDING


def _proves(check: Check, vault: Vault, result: Result) -> bool:
    expected = vault.decrypt(check.code_encrypted, owner=code_owner(check.id))
    claimed = [code for code in (result.code, *result.other_codes) if code is not None]
    return any([same_code(expected, code) for code in claimed])  # noqa: C419  # each is compared, whichever is right


def _store_progress(check: Check, steps: tuple[Step, ...]) -> None:
    if steps:
        check.diagnostics = cleaned_steps(steps)


def _note_searches(hold: Held, update: LeaseUpdate, now: datetime) -> None:
    if update.searches > hold.lease.searches:
        hold.lease.searches = update.searches
        hold.check.searched_at = now


def _seconds_left(check: Check, now: datetime) -> float | None:
    return None if check.search_until is None else max(0.0, (check.search_until - now).total_seconds())


def _recorded(check: Check) -> ResultRecorded:
    return ResultRecorded(
        state=check.state, failure_code=FailureCode(check.failure_code) if check.failure_code else None
    )
