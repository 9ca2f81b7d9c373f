"""What a profile refers to must be there: its zone, and its Actors, which must be in the zone."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.models import Actor
from director_api.among import among
from director_api.email_profiles.schemas import ProfileWrite
from director_api.field_errors import FieldError
from director_api.security_zones.models import SecurityZone

Known = dict[UUID, Row[UUID, str, UUID | None]]


async def unknown_references(
    session: AsyncSession, wanted: Sequence[ProfileWrite], places: Sequence[str]
) -> list[FieldError]:
    """Return what ``wanted`` names that is not there, in few statements for any number of profiles.

    ``places``: where each profile stands in the request, as a JSON pointer.
    """
    zones = await _zones(session, {profile.security_zone_id for profile in wanted} - {None})
    actors = await _actors(session, {actor_id for profile in wanted for actor_id in profile.actor_ids})
    errors = []
    for profile, place in zip(wanted, places, strict=True):
        if profile.security_zone_id is not None and profile.security_zone_id not in zones:
            detail = "There is no security zone with this id."
            pointer = f"{place}/security_zone_id"
            errors.append(FieldError(pointer=pointer, code="security_zone_not_found", detail=detail))
        else:
            errors += _wrong_actors(profile, actors, place)
    return errors


async def _zones(session: AsyncSession, ids: set[UUID | None]) -> set[UUID]:
    if not ids:
        return set()
    return set(await session.scalars(select(SecurityZone.id).where(among(SecurityZone.id, ids))))


async def _actors(session: AsyncSession, ids: set[UUID]) -> Known:
    rows = await session.execute(
        select(Actor.id, Actor.name, Actor.security_zone_id).where(among(Actor.id, ids))
    )
    return {row.id: row for row in rows}


def _wrong_actors(profile: ProfileWrite, actors: Known, place: str) -> list[FieldError]:
    found = (
        unfit_actor(f"{place}/actor_ids/{position}", actors.get(actor_id), profile.security_zone_id)
        for position, actor_id in enumerate(profile.actor_ids)
    )
    return [error for error in found if error is not None]


def unfit_actor(
    pointer: str, actor: Actor | Row[UUID, str, UUID | None] | None, zone_id: UUID | None
) -> FieldError | None:
    """Return what is wrong with an Actor that was chosen for a profile of a zone: it is not there, or not in it."""
    if actor is None:
        detail = "There is no Actor with this id; GET /actors lists them."
        return FieldError(pointer=pointer, code="actor_not_found", detail=detail)
    if zone_id not in (None, actor.security_zone_id):
        detail = f"The Actor {actor.name} is not in the profile's security zone."
        return FieldError(pointer=pointer, code="actor_not_in_zone", detail=detail)
    return None
