"""Giving jobs without mail to an Actor that asks for work."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol.roster import ActorIdentity
from director_api.actor_protocol.taken import FULL, LEASE, LOCKED, SEAL_SLACK, Taken
from director_api.actor_protocol.targets import sealed_for, target_of
from director_api.among import among, one_of
from director_api.clock import new_id
from director_api.email_profiles import secrets
from director_api.email_profiles.models import EmailProfile, ProfileActor
from director_api.jobs import lifecycle as following
from director_api.jobs import turns
from director_api.jobs.locking import locked_jobs
from director_api.jobs.models import Job, JobLease, JobRun
from director_api.vault import Vault
from director_api.verifications import logins, state_machine
from director_api.verifications import turns as readers
from director_api.verifications.budget import logins_of
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.room import hold
from director_api.verifications.state_machine import CheckState
from wire_contract import jobs as wire
from wire_contract.failure_codes import FailureCode
from wire_contract.job_kinds import JobKind


def secrets_owner(run_id: UUID) -> str:
    """Name the place of a draft's secrets, to which their encryption is bound."""
    return f"job_run:{run_id}"


class _Answer(NamedTuple):
    """Whether a job is given now; else why never, or when to look again. Null: it is told when its turn comes."""

    is_yes: bool = False
    refusal: FailureCode | None = None
    look_at: datetime | None = None


async def take(
    session: AsyncSession,
    vault: Vault,
    lifecycle: Lifecycle,
    actor: ActorIdentity,
    capacity: int,
    *,
    may_wait: bool,
) -> Taken:
    """Lease up to ``capacity`` jobs to ``actor``, oldest first; those that must wait keep no others back.

    ``may_wait``: the transaction holds no lock yet.
    """
    now = lifecycle.now()
    leases: list[wire.Lease] = []
    seen: set[UUID] = set()
    done: set[UUID] = set()
    looks: list[datetime] = []
    while due := await _due(session, actor.id, now, seen, limit=capacity - len(leases)):
        seen.update(due)
        # Whoever holds nothing may wait for one; of several, those that others hold are looked at again soon.
        locked = await locked_jobs(session, due, skip_locked=len(seen) > 1 or not may_wait)
        done.update(job.id for _, job in locked)
        for run, job in locked:
            if job.state != CheckState.QUEUED:
                continue
            answer = await _answer(session, run, job, now)
            if answer.refusal is not None:
                failed = state_machine.fail(following.status_of(job), answer.refusal)
                await following.apply(session, lifecycle, run, job, failed)
            elif answer.is_yes:
                leases.append(await _lease(session, vault, lifecycle, actor, run, job))
            elif answer.look_at is not None:
                looks.append(answer.look_at)
    next_look = await _next_look(session, actor.id, now + LOCKED, done)
    if next_look is not None:
        looks.append(next_look)
    return Taken(tuple(leases), min(looks, default=None))


async def _answer(session: AsyncSession, run: JobRun, job: Job, now: datetime) -> _Answer:
    refusal = await _obsolete(session, run, job.actor_id)
    if refusal is not None or run.account is None:
        return _Answer(is_yes=refusal is None, refusal=refusal)
    if not await _holds_account(session, run, run.account):
        return _Answer(look_at=now + LOCKED)
    if await turns.waits_until(session, run) is not None:
        return _Answer()
    spent = await logins_of(session, run.account, logins.counted_since(now))
    if spent.are_refused:
        return _Answer(refusal=FailureCode.AUTH_BUDGET_EXHAUSTED)
    if spent.are_taken and not run.authenticated:
        return _Answer(look_at=now + FULL)
    return _Answer(is_yes=True)


async def _holds_account(session: AsyncSession, run: JobRun, account: str) -> bool:
    """Hold the account, where it matters who else logs in to it. Returns false if another does.

    What is read of it afterwards stays true until the end of the transaction.
    """
    if run.profile_id is not None and not run.authenticated:
        profile = await session.get_one(EmailProfile, run.profile_id)  # which is locked: see locking
        run.authenticated = profile.authenticated_revision == run.revision  # by a verification, meanwhile
    matters = not run.authenticated or readers.admits_one_reader(run)
    return not matters or await hold(session, account)


async def _due(
    session: AsyncSession, actor_id: UUID, now: datetime, seen: Iterable[UUID], *, limit: int
) -> dict[UUID, UUID | None]:
    """Return jobs that are due, of the oldest runs, each with its run's profile."""
    if limit <= 0:
        return {}
    rows = await session.execute(
        select(Job.id, JobRun.profile_id)
        .join(JobRun, JobRun.id == Job.run_id)
        .where(
            Job.actor_id == actor_id,
            one_of(Job.state, CheckState.QUEUED),
            Job.look_at <= now,
            not_(among(Job.id, seen)),
        )
        .order_by(Job.run_id)
        .limit(limit)
    )
    return {job_id: profile_id for job_id, profile_id in rows}  # noqa: C416  # rows are not tuples to the checker


async def _next_look(
    session: AsyncSession, actor_id: UUID, earliest: datetime, done: Iterable[UUID]
) -> datetime | None:
    """Return when to look for what was not looked at now: due later, beyond the capacity, or locked."""
    look_at: datetime | None = await session.scalar(
        select(func.min(Job.look_at)).where(
            Job.actor_id == actor_id, one_of(Job.state, CheckState.QUEUED), not_(among(Job.id, done))
        )
    )
    return None if look_at is None else max(look_at, earliest)


async def _obsolete(session: AsyncSession, run: JobRun, actor_id: UUID) -> FailureCode | None:
    """Return why the job of an Actor is not tried at all any more."""
    if run.profile_id is None:
        return None
    if await _has_changed(session, run, actor_id):
        return FailureCode.PROFILE_CHANGED
    consented = await secrets.consented(session, run.profile_id, run.configuration)
    return None if consented else FailureCode.GMAIL_CONSENT_MISSING


async def _has_changed(session: AsyncSession, run: JobRun, actor_id: UUID) -> bool:
    """Tell whether the profile is no longer what was asked for: in its revision, or in whose it is.

    An Actor that is none of the profile's may be asked on purpose; after a change it may be one that was
    taken off, which is not to have the secrets any more.
    """
    profile = await session.get_one(EmailProfile, run.profile_id)  # which is locked: see locking
    if profile.revision != run.revision:
        return True
    was_changed = profile.updated_at > run.started_at
    return was_changed and await session.get(ProfileActor, (profile.id, actor_id)) is None


async def _lease(
    session: AsyncSession,
    vault: Vault,
    lifecycle: Lifecycle,
    actor: ActorIdentity,
    run: JobRun,
    job: Job,
) -> wire.Lease:
    now = lifecycle.now()
    lease = JobLease(id=new_id(), job_id=job.id, actor_id=actor.id, given_at=now)
    session.add(lease)
    job.lease_id, job.lease_expires_at = lease.id, now + LEASE
    job.diagnostics, job.warnings = [], []
    await following.apply(session, lifecycle, run, job, state_machine.lease(following.status_of(job)))
    await session.flush()
    return await _wire(session, vault, actor, run, lease.id, job, now)


async def _wire(
    session: AsyncSession,
    vault: Vault,
    actor: ActorIdentity,
    run: JobRun,
    lease_id: UUID,
    job: Job,
    now: datetime,
) -> wire.Lease:
    expires_at = now + LEASE
    if run.kind == JobKind.AUTOCONFIG:
        question = wire.AutoconfigQuestion(email_address=run.email_address)
        return wire.Lease(
            id=lease_id, kind=run.kind, check_id=job.id, expires_at=expires_at, question=question
        )
    return wire.Lease(
        id=lease_id,
        kind=run.kind,
        check_id=job.id,
        expires_at=expires_at,
        target=target_of(run),
        sealed=sealed_for(
            actor, run, await _secrets(session, vault, run), lease_id, expires_at=now + SEAL_SLACK
        ),
    )


async def _secrets(session: AsyncSession, vault: Vault, run: JobRun) -> dict[str, str]:
    if run.profile_id is not None:
        return await secrets.reveal(session, vault, run.profile_id)
    clear: dict[str, str] = json.loads(
        vault.decrypt(run.secrets_encrypted or b"", owner=secrets_owner(run.id))
    )
    return clear
