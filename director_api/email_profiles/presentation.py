"""Profiles as they are shown: a fixed number of statements for any number of rows."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import Row, Select, Text, and_, bindparam, cast, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from director_api.actors.models import Actor
from director_api.actors.presence import Presence
from director_api.database import few_lengths
from director_api.email_profiles.models import EmailProfile, ProfileActor, ProfileSecret
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
    ProfileWarning,
)
from director_api.email_profiles.secret_expiry import expiry_warning
from director_api.email_profiles.secret_rules import calls_for_consent
from director_api.email_profiles.shown_configuration import lacks_consent, shown_configuration
from director_api.fields import SecretState
from director_api.security_zones.models import SecurityZone
from director_api.verifications.models import Check, Verification
from director_api.verifications.state_machine import OPEN
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


_SHOWN_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = tuple(
    attribute.class_attribute
    for attribute in inspect(EmailProfile).column_attrs
    if attribute.key not in ("authenticated_revision", "search_text", "secret_notice_at")
)
_KEPT_ITEMS = 2_000
"""About 2 KiB each."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """One Actor's row of a profile, joined with what is known of the Actor."""

    actor_id: UUID
    name: str
    zone: str | None
    online: bool
    status: str
    failure_code: str | None
    checked_at: datetime | None
    verifying: bool


@dataclass(frozen=True, slots=True)
class _Related:
    """What is shown of a profile beside its own row."""

    standings: tuple[_Standing, ...]
    running_id: UUID | None
    secrets: tuple[tuple[str, datetime], ...]


async def show(session: AsyncSession, presence: Presence, row: EmailProfile) -> ProfileRead:
    """Return one profile as it is shown."""
    related = (await _related(session, presence, [row.id]))[row.id]
    expiry = expiry_warning(row.client_secret_expires_at, presence.now())
    return _SHOWN[row.server_type].model_validate(_fields(row, related, expiry))


def shown_columns(query: Select[Any]) -> Select[Any]:
    """Let a statement for profiles read what :func:`encoded_page` shows of each."""
    # The configuration as text, which can be compared, and is read only where it changed.
    text = cast(EmailProfile.configuration, Text).label("configuration")
    return query.with_only_columns(
        *(text if column.key == "configuration" else column for column in _SHOWN_COLUMNS)
    )


async def encoded_page(
    session: AsyncSession, presence: Presence, rows: Sequence[Row[Any]], next_cursor: str | None
) -> bytes:
    """Return a page of profiles, of :func:`shown_columns`, as JSON: the fast path of the list.

    What is stored was validated when it was written, so it is encoded as it stands. An item is a
    function of what was read for it, and most of them are asked for again unchanged, by every page
    that is open.
    """
    now = presence.now()
    related = await _related(session, presence, [row.id for row in rows])
    items = [
        _encoded(tuple(row), related[row.id], expiry_warning(row.client_secret_expires_at, now))
        for row in rows
    ]
    return b'{"items":[%b],"next_cursor":%b}' % (b",".join(items), to_json(next_cursor))


@lru_cache(maxsize=_KEPT_ITEMS)
def _encoded(values: tuple[Any, ...], related: _Related, expiry: ProfileWarning | None) -> bytes:
    stored = {column.key: value for column, value in zip(_SHOWN_COLUMNS, values, strict=True)}
    row = EmailProfile(**stored | {"configuration": from_json(stored["configuration"])})
    return to_json(_DEFAULTS[row.server_type] | _fields(row, related, expiry))


async def _related(session: AsyncSession, presence: Presence, ids: Sequence[UUID]) -> dict[UUID, _Related]:
    wanted = {"ids": few_lengths(ids)}
    secret_paths: defaultdict[UUID, list[tuple[str, datetime]]] = defaultdict(list)
    for profile_id, path, changed_at in await session.execute(_SECRETS, wanted):
        secret_paths[profile_id].append((path, changed_at))
    standings: defaultdict[UUID, list[_Standing]] = defaultdict(list)
    running: dict[UUID, UUID] = {}
    for profile_id, last_seen_at, poll_seconds, stopped, run_id, checking, *told in await session.execute(
        _STANDINGS, wanted
    ):
        actor_id, name, zone, status, failure_code, checked_at = told
        online = not stopped and presence.online(actor_id, last_seen_at, poll_seconds)
        standings[profile_id].append(
            _Standing(actor_id, name, zone, online, status, failure_code, checked_at, checking is not None)
        )
        if run_id is not None:
            running[profile_id] = run_id
    return {
        profile_id: _Related(
            tuple(standings[profile_id]), running.get(profile_id), tuple(secret_paths[profile_id])
        )
        for profile_id in ids
    }


_SECRETS = (
    select(ProfileSecret.profile_id, ProfileSecret.path, ProfileSecret.changed_at)
    .where(ProfileSecret.profile_id.in_(bindparam("ids", expanding=True)))
    .order_by(ProfileSecret.profile_id, ProfileSecret.path)
)
_STANDINGS = (
    select(
        ProfileActor.profile_id,
        Actor.last_seen_at,
        Actor.poll_seconds,
        Actor.stopped,
        Verification.id,
        Check.id,
        Actor.id,
        Actor.name,
        SecurityZone.name,
        ProfileActor.status,
        ProfileActor.failure_code,
        ProfileActor.checked_at,
    )
    .join(Actor, Actor.id == ProfileActor.actor_id)
    .outerjoin(SecurityZone, SecurityZone.id == Actor.security_zone_id)
    .outerjoin(
        Verification,
        and_(Verification.profile_id == ProfileActor.profile_id, Verification.state == "running"),
    )
    .outerjoin(
        Check,
        and_(
            Check.verification_id == Verification.id,
            Check.actor_id == ProfileActor.actor_id,
            Check.state.in_(OPEN),
        ),
    )
    .where(ProfileActor.profile_id.in_(bindparam("ids", expanding=True)))
    .order_by(ProfileActor.profile_id, ProfileActor.position)
)


def _fields(row: EmailProfile, related: _Related, expiry: ProfileWarning | None) -> dict[str, Any]:
    states = {path: SecretState(set=True, changed_at=changed_at) for path, changed_at in related.secrets}
    warnings = (expiry, schedule_warning(row))
    return {
        **shown_configuration(row, states),
        "id": row.id,
        "version": row.version,
        "revision": row.revision,
        "server_type": row.server_type,
        "email_address": row.email_address,
        "send_verification_manually": row.send_verification_manually,
        "security_zone_id": row.security_zone_id,
        "actor_ids": [standing.actor_id for standing in related.standings],
        "reverify_every_hours": row.reverify_every_hours,
        "note": row.note,
        "account_status": row.account_status,
        "next_verification_at": row.next_verification_at,
        "running_verification_id": related.running_id,
        "actors": [_actor(standing) for standing in related.standings],
        "available_actions": _actions(row, related.standings, states),
        "warnings": [warning for warning in warnings if warning is not None],
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _actor(standing: _Standing) -> ProfileActorRead:
    status = ActorStatusName.VERIFYING if standing.verifying else ActorStatusName(standing.status)
    failure = FailureCode(standing.failure_code) if standing.failure_code else None
    return ProfileActorRead(
        id=standing.actor_id,
        name=standing.name,
        zone=standing.zone,
        online=standing.online,
        status=status,
        failure_code=None if standing.verifying else failure,
        checked_at=standing.checked_at,
        summary=_summary(status, failure),
    )


def _summary(status: ActorStatusName, failure: FailureCode | None) -> str:
    if status is ActorStatusName.VERIFYING:
        return "Verifying now."
    if status is ActorStatusName.VERIFIED:
        return "The mailbox can be read."
    return FAILURE_TEXTS[failure].message if failure else _NOT_YET


def _actions(
    row: EmailProfile, standings: tuple[_Standing, ...], states: dict[str, SecretState]
) -> list[Action]:
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
