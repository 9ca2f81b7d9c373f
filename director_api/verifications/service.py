"""Starting, watching and cancelling verifications."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.capabilities import lacks
from director_api.actors.models import Actor
from director_api.among import one_of
from director_api.clock import new_id
from director_api.database import after_commit
from director_api.email_profiles import manual_codes, secrets
from director_api.email_profiles.models import EmailProfile, ManualCode, ProfileActor
from director_api.field_errors import FieldError
from director_api.mail_settings.models import ONLY, EmailSettings
from director_api.mail_settings.schemas import EmailActionSettings
from director_api.mail_settings.service import STORED_ACTIONS, actions_of
from director_api.outbox.models import OutboxMessage
from director_api.problems import Problem, invalid_fields, not_found
from director_api.vault import Vault
from director_api.verifications import room, state_machine, telling
from director_api.verifications.deadlines import next_deadline
from director_api.verifications.lifecycle import Lifecycle, status_of
from director_api.verifications.logins import account_of
from director_api.verifications.models import Check, Verification
from director_api.verifications.state_machine import CheckState, MailState
from director_api.wakeups import OUTBOX, Wakeups
from wire_contract.failure_codes import FailureCode
from wire_contract.job_kinds import JobKind
from wire_contract.verification_code import new_code

_NEXT_TURN = timedelta(seconds=1)
"""How much later each further message of one verification has its turn."""


def code_owner(check_id: UUID) -> str:
    """Name the place of a check's code, to which its encryption is bound."""
    return f"check:{check_id}:code"


async def verification(session: AsyncSession, verification_id: UUID) -> Verification:
    """Return a verification.

    Raises:
        Problem: there is no such verification.
    """
    row = await session.get(Verification, verification_id)
    if row is None:
        raise not_found("verification")
    return row


class _Standing(NamedTuple):
    """What a verification of a profile starts from."""

    actors: dict[UUID, Actor]
    running: Verification | None
    manual_code: ManualCode | None
    actions: EmailActionSettings
    has_mail_server: bool


async def _standing(session: AsyncSession, profile: EmailProfile) -> _Standing:
    """Read it, by one statement: whoever waits for the Actor waits for this too."""
    rows = (await session.execute(_STANDING, {"profile_id": profile.id})).all()
    _, running, manual_code, actions, has_mail_server = rows[0]
    actors = {actor.id: actor for actor, *_ in rows if actor is not None}
    return _Standing(actors, running, manual_code, actions_of(actions), has_mail_server)


_STANDING = (
    select(
        Actor,
        Verification,
        ManualCode,
        STORED_ACTIONS,
        exists().where(EmailSettings.id == ONLY),
    )
    .select_from(EmailProfile)
    .outerjoin(ProfileActor, ProfileActor.profile_id == EmailProfile.id)
    .outerjoin(Actor, Actor.id == ProfileActor.actor_id)
    .outerjoin(
        Verification, and_(Verification.profile_id == EmailProfile.id, one_of(Verification.state, "running"))
    )
    .outerjoin(ManualCode, ManualCode.profile_id == EmailProfile.id)
    .where(EmailProfile.id == bindparam("profile_id"))
    .order_by(ProfileActor.position)
)


async def start(
    session: AsyncSession,
    vault: Vault,
    lifecycle: Lifecycle,
    wakeups: Wakeups,
    profile: EmailProfile,
    *,
    trigger: str,
    actor_ids: list[UUID] | None,
) -> tuple[Verification, list[Check] | None]:
    """Start a verification and return it with its checks, or the one that runs without.

    Raises:
        Problem: an Actor is not one of the profile's; the running one lacks an Actor that is asked for;
            there is no mail server to send with; or a Google mailbox's owner has not consented yet.
    """
    standing = await _standing(session, profile)
    actors = _chosen(standing.actors, actor_ids)
    if standing.running is not None:
        await _refuse_uncovered(session, standing.running, actors)
        return standing.running, None
    await secrets.refuse_missing_consent(session, profile)
    if not profile.send_verification_manually and not standing.has_mail_server:
        raise Problem(
            409,
            "email_settings_missing",
            "The Director has no mail server to send the code with: PUT /settings/email, "
            "or set send_verification_manually on the profile.",
        )
    run = Verification(
        id=new_id(),
        profile_id=profile.id,
        revision=profile.revision,
        trigger=trigger,
        manual=profile.send_verification_manually,
        state="running",
        started_at=lifecycle.now(),
    )
    session.add(run)
    await session.flush()
    checks = await _add_checks(session, vault, lifecycle, profile, run, actors, standing)
    if not run.manual:
        after_commit(session, lambda: wakeups.tell(OUTBOX))
    return run, checks


async def cancel_running(session: AsyncSession, lifecycle: Lifecycle, profile_id: UUID) -> None:
    """Cancel the verification of a profile that runs, where there is one."""
    running = await _running(session, profile_id)
    if running is not None:
        await lifecycle.cancel(session, running)


async def _add_checks(
    session: AsyncSession,
    vault: Vault,
    lifecycle: Lifecycle,
    profile: EmailProfile,
    run: Verification,
    actors: list[Actor],
    standing: _Standing,
) -> list[Check]:
    manual = manual_codes.opened(vault, standing.manual_code) if run.manual and standing.manual_code else None
    checks, unable = [], []
    for position, actor in enumerate(actors):
        code = (manual.code, manual.made_at) if manual else (new_code(), run.started_at)
        check = _check(vault, run, actor, position, code, standing.actions)
        check.priority = room.PRIORITIES[run.trigger]
        check.mail_host, check.account = room.host_of(profile), account_of(profile)
        check.deadline_at = next_deadline(check)
        session.add(check)
        checks.append(check)
        check.failure_detail = lacks(actor, JobKind.CHECK, profile)
        await session.flush()
        if check.failure_detail is not None:
            check.mail = MailState.NONE  # it ends before it is given, and no mail leaves for it
            unable.append(check)
            continue
        if not run.manual:
            session.add(_message(check, run.started_at))
        lifecycle.offer(session, check)
        lifecycle.touch(session, check)
    telling.started(session, run, checks)
    await session.flush()
    for check in unable:
        failed = state_machine.fail(status_of(check), FailureCode.ACTOR_LACKS_CAPABILITY)
        await lifecycle.apply(session, check, failed)
    await session.flush()
    return checks


def _message(check: Check, at: datetime) -> OutboxMessage:
    turn_at = at + check.position * _NEXT_TURN
    return OutboxMessage(
        check_id=check.id, priority=check.priority, turn_at=turn_at, attempts=0, next_attempt_at=at
    )


def _check(
    vault: Vault,
    run: Verification,
    actor: Actor,
    position: int,
    code: tuple[str, datetime],
    actions: EmailActionSettings,
) -> Check:
    check_id, now = new_id(), run.started_at
    return Check(
        id=check_id,
        verification_id=run.id,
        profile_id=run.profile_id,
        actor_id=actor.id,
        actor_name=actor.name,
        actor_zone_id=actor.security_zone_id,
        revision=run.revision,
        position=position,
        state=CheckState.QUEUED,
        mail=MailState.NONE if run.manual else MailState.QUEUED,
        attempts=0,
        code_encrypted=vault.encrypt(code[0], owner=code_owner(check_id)),
        code_made_at=code[1],
        look_at=now,
        offline_at=now + timedelta(seconds=actions.offline_seconds),
        send_until=None if run.manual else now + timedelta(seconds=actions.send_seconds),
        search_until=now + timedelta(seconds=actions.search_seconds) if run.manual else None,
        diagnostics=[],
        warnings=[],
        created_at=now,
    )


def _chosen(actors: dict[UUID, Actor], actor_ids: list[UUID] | None) -> list[Actor]:
    if actor_ids is None:
        return list(actors.values())
    errors = tuple(
        FieldError(
            pointer=f"/actor_ids/{position}",
            code="actor_not_found",
            detail="This Actor is not one of the profile's.",
        )
        for position, actor_id in enumerate(actor_ids)
        if actor_id not in actors
    )
    if errors:
        raise invalid_fields(errors)
    return [actors[actor_id] for actor_id in dict.fromkeys(actor_ids)]


async def _running(session: AsyncSession, profile_id: UUID) -> Verification | None:
    row: Verification | None = await session.scalar(
        select(Verification).where(
            Verification.profile_id == profile_id, one_of(Verification.state, "running")
        )
    )
    return row


async def _refuse_uncovered(session: AsyncSession, running: Verification, actors: list[Actor]) -> None:
    covered = set(await session.scalars(select(Check.actor_id).where(Check.verification_id == running.id)))
    missing = [actor.name for actor in actors if actor.id not in covered]
    if missing:
        raise Problem(
            409,
            "verification_running",
            f"A verification runs that does not cover {', '.join(missing)}. Wait for it or cancel it.",
            members={"verification_id": str(running.id)},
        )
