"""Profiles as they are shown: a fixed number of statements for any number of rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.models import Actor
from director_api.actors.presence import Presence
from director_api.email_profiles import secrets
from director_api.email_profiles.models import EmailProfile, ProfileActor
from director_api.email_profiles.schedule_warning import schedule_warning
from director_api.email_profiles.schemas import (
    Action,
    ActorStatusName,
    GmailProfileRead,
    GraphProfileRead,
    ImapProfileRead,
    Pop3ProfileRead,
    ProfileActorRead,
    ProfileRead,
)
from director_api.email_profiles.secret_expiry import expiry_warning
from director_api.email_profiles.secret_rules import calls_for_consent
from director_api.email_profiles.shown_configuration import lacks_consent, shown_configuration
from director_api.fields import SecretState
from director_api.security_zones.models import SecurityZone
from director_api.verifications.models import Check, Verification
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS

_NOT_YET = "Not verified yet."
_SHOWN: dict[
    str, type[ImapProfileRead] | type[Pop3ProfileRead] | type[GraphProfileRead] | type[GmailProfileRead]
] = {
    "imap": ImapProfileRead,
    "pop3": Pop3ProfileRead,
    "microsoft_graph": GraphProfileRead,
    "gmail": GmailProfileRead,
}
_DEFAULTS = {
    server_type: {
        name: field.get_default(call_default_factory=True, validated_data={})
        for name, field in shown.model_fields.items()
        if not field.is_required()
    }
    for server_type, shown in _SHOWN.items()
}
"""What rows lack that were written before a field was there."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """One Actor's row of a profile, joined with what is known of the Actor."""

    actor_id: UUID
    name: str
    zone: str | None
    last_seen_at: datetime | None
    poll_seconds: int
    stopped: bool
    status: str
    failure_code: str | None
    checked_at: datetime | None


async def show(session: AsyncSession, presence: Presence, row: EmailProfile) -> ProfileRead:
    """Return one profile as it is shown."""
    (fields,) = await _fields_of_all(session, presence, [row])
    return _SHOWN[row.server_type].model_validate(fields)


async def encoded_page(
    session: AsyncSession, presence: Presence, rows: Sequence[EmailProfile], next_cursor: str | None
) -> bytes:
    """Return a page of profiles as JSON: the fast path of the list.

    What is stored was validated when it was written, so it is encoded as it stands. Making the models
    of a page first takes longer than everything else together.
    """
    shown = await _fields_of_all(session, presence, rows)
    items = [_DEFAULTS[fields["server_type"]] | fields for fields in shown]
    return to_json({"items": items, "next_cursor": next_cursor})


async def _fields_of_all(
    session: AsyncSession, presence: Presence, rows: Sequence[EmailProfile]
) -> list[dict[str, Any]]:
    ids = [row.id for row in rows]
    standings = await _standings(session, ids)
    running = await _running(session, ids)
    states = await secrets.secret_states(session, ids)
    return [_fields(row, presence, standings[row.id], running.get(row.id), states[row.id]) for row in rows]


async def _standings(session: AsyncSession, ids: list[UUID]) -> defaultdict[UUID, list[_Standing]]:
    rows = await session.execute(
        select(
            ProfileActor.profile_id,
            Actor.id,
            Actor.name,
            SecurityZone.name,
            Actor.last_seen_at,
            Actor.poll_seconds,
            Actor.stopped,
            ProfileActor.status,
            ProfileActor.failure_code,
            ProfileActor.checked_at,
        )
        .join(Actor, Actor.id == ProfileActor.actor_id)
        .outerjoin(SecurityZone, SecurityZone.id == Actor.security_zone_id)
        .where(ProfileActor.profile_id.in_(ids))
        .order_by(ProfileActor.profile_id, ProfileActor.position)
    )
    standings: defaultdict[UUID, list[_Standing]] = defaultdict(list)
    for profile_id, *standing in rows:
        standings[profile_id].append(_Standing(*standing))
    return standings


async def _running(session: AsyncSession, ids: list[UUID]) -> dict[UUID, tuple[UUID, set[UUID]]]:
    rows = await session.execute(
        select(Verification.profile_id, Verification.id, Check.actor_id)
        .join(Check, Check.verification_id == Verification.id)
        .where(
            Verification.profile_id.in_(ids),
            Verification.state == "running",
            Check.state.in_(("queued", "leased")),
        )
    )
    running: dict[UUID, tuple[UUID, set[UUID]]] = {}
    for profile_id, verification_id, actor_id in rows:
        running.setdefault(profile_id, (verification_id, set()))[1].add(actor_id)
    return running


def _fields(
    row: EmailProfile,
    presence: Presence,
    standings: list[_Standing],
    running: tuple[UUID, set[UUID]] | None,
    states: dict[str, SecretState],
) -> dict[str, Any]:
    warnings = (expiry_warning(row.client_secret_expires_at, presence.now()), schedule_warning(row))
    verification_id, checking = running or (None, set[UUID]())
    return {
        **shown_configuration(row, states),
        "id": row.id,
        "version": row.version,
        "revision": row.revision,
        "server_type": row.server_type,
        "email_address": row.email_address,
        "send_verification_manually": row.send_verification_manually,
        "security_zone_id": row.security_zone_id,
        "actor_ids": [standing.actor_id for standing in standings],
        "reverify_every_hours": row.reverify_every_hours,
        "note": row.note,
        "account_status": row.account_status,
        "next_verification_at": row.next_verification_at,
        "running_verification_id": verification_id,
        "actors": [
            _actor(standing, presence, verifying=standing.actor_id in checking) for standing in standings
        ],
        "available_actions": _actions(row, standings, states),
        "warnings": [warning for warning in warnings if warning is not None],
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _actor(standing: _Standing, presence: Presence, *, verifying: bool) -> ProfileActorRead:
    status = ActorStatusName.VERIFYING if verifying else ActorStatusName(standing.status)
    failure = FailureCode(standing.failure_code) if standing.failure_code else None
    return ProfileActorRead(
        id=standing.actor_id,
        name=standing.name,
        zone=standing.zone,
        online=not standing.stopped
        and presence.online(standing.actor_id, standing.last_seen_at, standing.poll_seconds),
        status=status,
        failure_code=None if verifying else failure,
        checked_at=standing.checked_at,
        summary=_summary(status, failure),
    )


def _summary(status: ActorStatusName, failure: FailureCode | None) -> str:
    if status is ActorStatusName.VERIFYING:
        return "Verifying now."
    if status is ActorStatusName.VERIFIED:
        return "The mailbox can be read."
    return FAILURE_TEXTS[failure].message if failure else _NOT_YET


def _actions(row: EmailProfile, standings: list[_Standing], states: dict[str, SecretState]) -> list[Action]:
    lacking = lacks_consent(row, states)
    lapsed = any(calls_for_consent(row.configuration, standing.failure_code) for standing in standings)
    possible = {
        Action.VERIFY: not lacking,
        Action.VIEW_CODE: row.send_verification_manually,
        Action.EDIT: True,
        Action.DELETE: True,
        Action.AUTHORIZE: lacking or lapsed,
    }
    return [action for action, is_possible in possible.items() if is_possible]
