"""Making, changing and deleting email profiles."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import new_id, utc_now
from director_api.email_profiles import manual_codes, secret_rules, secrets
from director_api.email_profiles.models import EmailProfile, ProfileActor
from director_api.email_profiles.references import unknown_references
from director_api.email_profiles.schedule import next_run
from director_api.email_profiles.schemas import ProfileCreate, ProfileWrite
from director_api.email_profiles.search_text import search_text
from director_api.email_profiles.secret_expiry import next_notice
from director_api.email_profiles.standing import standings_of, tell_change
from director_api.events.log import EventType, emit
from director_api.problems import Problem, invalid_fields, not_found
from director_api.vault import Vault
from director_api.verifications.lifecycle import Lifecycle
from wire_contract.failure_codes import FailureCode


async def profile(session: AsyncSession, profile_id: UUID, *, for_update: bool = False) -> EmailProfile:
    """Return a profile.

    Raises:
        Problem: there is no such profile.
    """
    row = await session.get(EmailProfile, profile_id, with_for_update=for_update)
    if row is None:
        raise not_found("email profile")
    return row


async def actor_ids_of(session: AsyncSession, profile_id: UUID) -> list[UUID]:
    """Return the profile's Actors, in the order in which they were given."""
    rows = await session.scalars(
        select(ProfileActor.actor_id)
        .where(ProfileActor.profile_id == profile_id)
        .order_by(ProfileActor.position)
    )
    return list(rows)


async def create_profile(session: AsyncSession, vault: Vault, wanted: ProfileCreate) -> EmailProfile:
    """Make a profile.

    Raises:
        Problem: a field is wrong for a reason that only the database knows.
    """
    return (await create_profiles(session, vault, [wanted], [""]))[0]


async def create_profiles(
    session: AsyncSession, vault: Vault, wanted: Sequence[ProfileCreate], places: Sequence[str]
) -> list[EmailProfile]:
    """Make profiles, all or none, in few statements. ``places``: where each stands in the request.

    Raises:
        Problem: a field is wrong for a reason that only the database knows.
    """
    errors = await unknown_references(session, wanted, places)
    if errors:
        raise invalid_fields(tuple(errors))
    now = utc_now()
    rows = [_new_row(profile, now) for profile in wanted]
    session.add_all(rows)
    await session.flush()
    for row, profile in zip(rows, wanted, strict=True):
        _add_parts(session, vault, row, profile)
        emit(session, EventType.PROFILE_CREATED, _told(row))
    await session.flush()
    return rows


async def change_profile(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, row: EmailProfile, wanted: ProfileWrite
) -> None:
    """Change a profile into ``wanted``. What a check depends on makes a new revision.

    Raises:
        Problem: a field is wrong for a reason that only the database knows, or a secret is needed again.
    """
    await _refuse_unknown(session, wanted)
    before = await standings_of(session, row.id)
    new_secret = await _change_secrets(session, vault, row, wanted)
    revised = (
        new_secret
        or secret_rules.without_secrets(wanted) != row.configuration
        or wanted.server_type != row.server_type
        or wanted.email_address != row.email_address
        or wanted.send_verification_manually != row.send_verification_manually
    )
    _write_fields(row, wanted, utc_now())
    row.version += 1
    removed = await _change_actors(session, row.id, wanted.actor_ids)
    if revised:
        await _revise(session, vault, lifecycle, row)
    elif removed:
        # Whoever takes an Actor off may do so because it is not to have the secrets any more.
        await lifecycle.end_running(session, row.id, FailureCode.PROFILE_CHANGED, removed)
    await session.flush()
    emit(session, EventType.PROFILE_UPDATED, {**_told(row), "revised": revised})
    await tell_change(session, row, before)


async def store_consent(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, row: EmailProfile, refresh_token: str
) -> None:
    """Keep what the mailbox's owner consented to. A check depends on it, so it makes a new revision."""
    before = await standings_of(session, row.id)
    await secrets.set_secret(session, vault, row.id, secret_rules.REFRESH_TOKEN, refresh_token)
    row.version += 1
    row.updated_at = utc_now()
    await _revise(session, vault, lifecycle, row)
    await session.flush()
    emit(session, EventType.PROFILE_UPDATED, {**_told(row), "revised": True})
    await tell_change(session, row, before)


async def delete_profile(session: AsyncSession, lifecycle: Lifecycle, row: EmailProfile) -> None:
    """Delete a profile with all that belongs to it; checks that run end."""
    await lifecycle.end_running(session, row.id, FailureCode.PROFILE_CHANGED)
    emit(session, EventType.PROFILE_DELETED, _told(row))
    await session.flush()
    await session.execute(delete(EmailProfile).where(EmailProfile.id == row.id))


def refuse_lost_race(row: EmailProfile, if_match: str | None) -> None:
    """A change that names the version that it was made from must still find it.

    Raises:
        Problem: someone else changed the profile meanwhile (412).
    """
    if if_match is not None and not {"*", etag(row)} & {tag.strip() for tag in if_match.split(",")}:
        raise Problem(
            412, "version_mismatch", f"The profile changed meanwhile; its present ETag is {etag(row)}."
        )


def etag(row: EmailProfile) -> str:
    """Return the profile's entity tag (RFC 9110, section 8.8.3)."""
    return f'"{row.version}"'


def _told(row: EmailProfile) -> dict[str, Any]:
    return {"profile_id": str(row.id), "email_address": row.email_address, "server_type": row.server_type}


async def _change_secrets(
    session: AsyncSession, vault: Vault, row: EmailProfile, wanted: ProfileWrite
) -> bool:
    old = secret_rules.destinations_of(row.server_type, row.email_address, row.configuration)
    stored = await secrets.stored_paths(session, row.id)
    secret_rules.refuse_to_send_elsewhere(old, wanted, stored)
    await secrets.drop_stale(session, row.id, old, wanted)
    return await secrets.store(session, vault, row.id, wanted)


def _write_fields(row: EmailProfile, wanted: ProfileWrite, now: datetime) -> None:
    row.server_type = wanted.server_type
    row.email_address, row.security_zone_id = wanted.email_address, wanted.security_zone_id
    row.send_verification_manually = wanted.send_verification_manually
    row.configuration = secret_rules.without_secrets(wanted)
    row.note = wanted.note
    row.search_text = search_text(row.email_address, row.note, row.configuration)
    expires_at = wanted.graph.client_secret_expires_at if wanted.server_type == "microsoft_graph" else None
    if expires_at != row.client_secret_expires_at:
        row.client_secret_expires_at, row.secret_notice_at = expires_at, next_notice(expires_at, now)
    if wanted.reverify_every_hours != row.reverify_every_hours:
        row.reverify_every_hours, row.schedule_problem = wanted.reverify_every_hours, None
        row.next_verification_at = next_run(row.id, wanted.reverify_every_hours, now)
    row.updated_at = now


async def _revise(session: AsyncSession, vault: Vault, lifecycle: Lifecycle, row: EmailProfile) -> None:
    row.revision += 1
    await session.flush()
    await lifecycle.end_running(session, row.id, FailureCode.PROFILE_CHANGED)
    for chosen in await session.scalars(select(ProfileActor).where(ProfileActor.profile_id == row.id)):
        if chosen.checked_at is not None:
            chosen.failure_code = FailureCode.PROFILE_CHANGED
        chosen.status = "unverified"
    if row.send_verification_manually:
        await manual_codes.rotate_code(session, vault, row.id)
    else:
        await manual_codes.drop_code(session, row.id)


async def _change_actors(session: AsyncSession, profile_id: UUID, actor_ids: list[UUID]) -> list[UUID]:
    """Give a profile these Actors, in this order. Returns those that were taken off."""
    stored = await session.scalars(select(ProfileActor).where(ProfileActor.profile_id == profile_id))
    present = {chosen.actor_id: chosen for chosen in stored}
    removed = [actor_id for actor_id in present if actor_id not in actor_ids]
    for actor_id in removed:
        await session.delete(present[actor_id])
    for position, actor_id in enumerate(actor_ids):
        if actor_id in present:
            present[actor_id].position = position
        else:
            session.add(_unverified(profile_id, actor_id, position))
    await session.flush()
    return removed


def _unverified(profile_id: UUID, actor_id: UUID, position: int) -> ProfileActor:
    return ProfileActor(profile_id=profile_id, actor_id=actor_id, position=position, status="unverified")


async def _refuse_unknown(session: AsyncSession, wanted: ProfileWrite) -> None:
    errors = await unknown_references(session, [wanted], [""])
    if errors:
        raise invalid_fields(tuple(errors))


def _new_row(wanted: ProfileWrite, now: datetime) -> EmailProfile:
    row = EmailProfile(id=new_id(), version=1, revision=1, account_status="unverified", created_at=now)
    _write_fields(row, wanted, now)
    return row


def _add_parts(session: AsyncSession, vault: Vault, row: EmailProfile, wanted: ProfileWrite) -> None:
    session.add_all(
        _unverified(row.id, actor_id, position) for position, actor_id in enumerate(wanted.actor_ids)
    )
    session.add_all(secrets.new_secrets(vault, row.id, wanted))
    if row.send_verification_manually:
        session.add(manual_codes.first_code(vault, row.id))
