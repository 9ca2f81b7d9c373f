"""Changing and deleting Actors, and minting what lets them enroll."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.access.tokens import TokenKind, new_token
from director_api.actors.models import Actor, EnrollmentToken
from director_api.actors.schemas import ActorPatch, EnrollmentTokenCreate
from director_api.clock import new_id, utc_now
from director_api.email_profiles.models import EmailProfile, ProfileActor
from director_api.problems import Problem, invalid_field, not_found
from director_api.security_zones.models import SecurityZone
from director_api.vault import Vault


async def actor(session: AsyncSession, actor_id: UUID, *, for_update: bool = False) -> Actor:
    """Return an Actor.

    Raises:
        Problem: there is no such Actor.
    """
    row = await session.get(Actor, actor_id, with_for_update=for_update, populate_existing=for_update)
    if row is None:
        raise not_found("Actor")
    return row


async def change_actor(session: AsyncSession, actor_id: UUID, patch: ActorPatch) -> Actor:
    """Rename an Actor or move it to another zone.

    Raises:
        Problem: no such Actor or zone, the name is taken, or a profile of the old zone uses the Actor.
    """
    row = await actor(session, actor_id)
    if patch.name is not None and patch.name != row.name:
        if await session.scalar(select(Actor.id).where(Actor.name == patch.name)):
            raise invalid_field("/name", "taken", "Another Actor has this name.")
        row.name = patch.name
    if "security_zone_id" in patch.model_fields_set and patch.security_zone_id != row.security_zone_id:
        await _refuse_unknown_zone(session, patch.security_zone_id)
        await _refuse_zone_change(session, actor_id, patch.security_zone_id)
        row.security_zone_id = patch.security_zone_id
    return row


async def revoke_actor(session: AsyncSession, actor_id: UUID) -> Actor:
    """End an Actor's credential; the Actor stays known and can be enrolled again.

    Raises:
        Problem: there is no such Actor.
    """
    # Locked and read anew: a rotation that is under way either is seen here and ends too, or sees this.
    row = await actor(session, actor_id, for_update=True)
    row.credential_hash = row.next_credential_hash = row.next_public_key = None
    return row


async def delete_actor(session: AsyncSession, actor_id: UUID) -> None:
    """Delete an Actor that no profile uses.

    Raises:
        Problem: there is no such Actor, or it is in use (by what is said).
    """
    row = await actor(session, actor_id)
    users = await _profiles_of(session, actor_id)
    if users:
        raise Problem(
            409,
            "actor_in_use",
            f"This Actor is chosen by {', '.join(users)}. Take it out there first; to shut it out at once, revoke it.",
        )
    await session.delete(row)


async def mint_enrollment_token(
    session: AsyncSession, vault: Vault, wanted: EnrollmentTokenCreate
) -> tuple[EnrollmentToken, str]:
    """Store a one-time enrollment token and return it in clear, for the only time.

    Raises:
        Problem: no such zone or Actor, the Actor is in another zone, or the name is taken by another Actor.
    """
    await _refuse_unknown_zone(session, wanted.security_zone_id)
    if wanted.actor_id is not None:
        known = await session.get(Actor, wanted.actor_id)
        if known is None:
            raise invalid_field("/actor_id", "actor_not_found", "There is no Actor with this id.")
        if wanted.security_zone_id not in (None, known.security_zone_id):
            detail = "An Actor that is enrolled anew keeps its zone: PATCH /actors/{id} moves it."
            raise invalid_field("/security_zone_id", "not_possible", detail)
    if wanted.name is not None:
        owner = await session.scalar(select(Actor.id).where(Actor.name == wanted.name))
        if owner is not None and owner != wanted.actor_id:
            raise invalid_field(
                "/name", "taken", "An Actor has this name; pass its actor_id to enroll it anew."
            )
    token = new_token(TokenKind.ENROLLMENT)
    row = EnrollmentToken(
        id=new_id(),
        token_hash=vault.hash_token(token),
        name=wanted.name,
        security_zone_id=wanted.security_zone_id,
        actor_id=wanted.actor_id,
        expires_at=utc_now() + timedelta(seconds=wanted.expires_in_seconds),
        created_at=utc_now(),
    )
    session.add(row)
    await session.flush()
    return row, token


async def _refuse_unknown_zone(session: AsyncSession, zone_id: UUID | None) -> None:
    if zone_id is not None and await session.get(SecurityZone, zone_id) is None:
        raise invalid_field("/security_zone_id", "security_zone_not_found", "There is no zone with this id.")


async def _refuse_zone_change(session: AsyncSession, actor_id: UUID, zone_id: UUID | None) -> None:
    users = await session.scalars(
        select(EmailProfile.email_address)
        .join(ProfileActor, ProfileActor.profile_id == EmailProfile.id)
        .where(
            ProfileActor.actor_id == actor_id,
            EmailProfile.security_zone_id.is_not(None),
            EmailProfile.security_zone_id.is_distinct_from(zone_id),
        )
    )
    names = ", ".join(users)
    if names:
        raise Problem(
            409, "actor_in_use", f"Profiles that are limited to the old zone use this Actor: {names}."
        )


async def _profiles_of(session: AsyncSession, actor_id: UUID) -> list[str]:
    rows = await session.scalars(
        select(EmailProfile.email_address)
        .join(ProfileActor, ProfileActor.profile_id == EmailProfile.id)
        .where(ProfileActor.actor_id == actor_id)
        .limit(20)
    )
    return list(rows)
