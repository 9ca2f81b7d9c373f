"""Profiles as they are shown: a fixed number of statements for any number of rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Row, Select, Text, and_, cast, column, inspect, null, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from director_api.actors.models import Actor
from director_api.actors.presence import Presence
from director_api.among import among_named, one_of
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


class _Standing(NamedTuple):
    """One Actor's row of a profile, joined with what is known of the Actor."""

    actor_id: UUID
    name: str
    checked_at: datetime | None
    zone: str | None
    status: str
    failure_code: str | None
    running_id: UUID | None
    check_id: UUID | None
    online: bool

    @property
    def verifying(self) -> bool:
        """Tell whether the Actor has a check that is open."""
        return self.check_id is not None


class _Related(NamedTuple):
    """What is read of a profile beside its own row. ``secrets``: each one's path, and when it changed."""

    standings: list[_Standing]
    secrets: list[tuple[str, datetime]]


async def show(session: AsyncSession, presence: Presence, row: EmailProfile) -> ProfileRead:
    """Return one profile as it is shown."""
    connection = await session.connection()
    related = _related((await connection.run_sync(_read_related, presence, [row.id]))[row.id])
    expiry = expiry_warning(row.client_secret_expires_at, presence.now())
    return _SHOWN[row.server_type].model_validate(_fields(row, related, expiry))


def shown_columns(query: Select[Any]) -> Select[Any]:
    """Let a statement for profiles read what :func:`encoded_page` shows of each."""
    # The configuration as text, which can be compared, and is read only where it changed.
    text = cast(EmailProfile.configuration, Text).label("configuration")
    return query.with_only_columns(
        *(text if column.key == "configuration" else column for column in _SHOWN_COLUMNS)
    )


def encoded_page(
    connection: Connection, presence: Presence, rows: Sequence[Row[Any]], next_cursor: str | None
) -> bytes:
    """Return a page of profiles, of :func:`shown_columns`, as JSON: the fast path of the list.

    What is stored was validated when it was written, so it is encoded as it stands. An item is a
    function of what was read for it, and most of them are asked for again unchanged, by every page
    that is open.
    """
    now = presence.now()
    related = _read_related(connection, presence, [row.id for row in rows])
    items = [
        _encoded(row.id, (tuple(row), related[row.id], expiry_warning(row.client_secret_expires_at, now)))
        for row in rows
    ]
    return b'{"items":[%b],"next_cursor":%b}' % (b",".join(items), to_json(next_cursor))


_RelatedRows = list[list[Any]]
"""What is read of a profile beside its own row, as it was read: :func:`_related` tells what it means."""
_Read = tuple[tuple[Any, ...], _RelatedRows, ProfileWarning | None]
"""All that an item of the list is made of: the shown columns, what is related, and the warning of its expiry."""

_last_items: dict[UUID, tuple[_Read, bytes]] = {}
"""What was last read of a profile, and the item that was made of it."""


def _encoded(profile_id: UUID, read: _Read) -> bytes:
    known = _last_items.get(profile_id)
    if known is not None and known[0] == read:
        return known[1]
    values, related, expiry = read
    stored = {column.key: value for column, value in zip(_SHOWN_COLUMNS, values, strict=True)}
    row = EmailProfile(**stored | {"configuration": from_json(stored["configuration"])})
    item = to_json(_DEFAULTS[row.server_type] | _fields(row, _related(related), expiry))
    if known is None and len(_last_items) >= _KEPT_ITEMS:
        del _last_items[next(iter(_last_items))]
    _last_items[profile_id] = read, item
    return item


def _read_related(
    connection: Connection, presence: Presence, ids: Sequence[UUID]
) -> dict[UUID, _RelatedRows]:
    found: dict[UUID, _RelatedRows] = {profile_id: [] for profile_id in ids}
    for profile_id, _, last_seen_at, poll_seconds, stopped, *row in connection.execute(
        _RELATED, {"ids": ids}
    ):
        actor_id = row[0]
        row.append(actor_id and not stopped and presence.online(actor_id, last_seen_at, poll_seconds))
        found[profile_id].append(row)
    return found


def _related(rows: _RelatedRows) -> _Related:
    standings = [_Standing(*row) for row in rows if row[0] is not None]
    return _Related(
        standings, [(path, changed_at) for actor_id, path, changed_at, *_ in rows if actor_id is None]
    )


_STANDINGS = (
    select(
        ProfileActor.profile_id,
        ProfileActor.position.label("place"),
        Actor.last_seen_at,
        Actor.poll_seconds,
        Actor.stopped,
        Actor.id,
        Actor.name,
        ProfileActor.checked_at,
        SecurityZone.name,
        ProfileActor.status,
        ProfileActor.failure_code,
        Verification.id,
        Check.id,
    )
    .join(Actor, Actor.id == ProfileActor.actor_id)
    .outerjoin(SecurityZone, SecurityZone.id == Actor.security_zone_id)
    .outerjoin(
        Verification,
        and_(Verification.profile_id == ProfileActor.profile_id, one_of(Verification.state, "running")),
    )
    .outerjoin(
        Check,
        and_(
            Check.verification_id == Verification.id,
            Check.actor_id == ProfileActor.actor_id,
            one_of(Check.state, *OPEN),
        ),
    )
    .where(among_named(ProfileActor.profile_id, "ids"))
)
_SECRETS = select(
    ProfileSecret.profile_id,
    cast(null(), ProfileActor.position.type),
    cast(null(), Actor.last_seen_at.type),
    cast(null(), Actor.poll_seconds.type),
    cast(null(), Actor.stopped.type),
    cast(null(), Actor.id.type),
    ProfileSecret.path,
    ProfileSecret.changed_at,
    *(
        cast(null(), each.type)
        for each in (SecurityZone.name, ProfileActor.status, ProfileActor.failure_code)
    ),
    cast(null(), Verification.id.type),
    cast(null(), Check.id.type),
).where(among_named(ProfileSecret.profile_id, "ids"))
_RELATED = _STANDINGS.union_all(_SECRETS).order_by(column("place"))
"""A row of an Actor, or of a secret: its path and when it changed, where an Actor has its name and check."""


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
        "running_verification_id": next((standing.running_id for standing in related.standings), None),
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
