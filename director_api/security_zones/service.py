"""Making, changing and deleting security zones."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.models import Actor
from director_api.clock import new_id, utc_now
from director_api.email_profiles.models import EmailProfile
from director_api.problems import Problem, invalid_field, not_found
from director_api.security_zones.models import SecurityZone
from director_api.security_zones.schemas import SecurityZonePatch

_MAX_USERS_NAMED = 10


async def zone(session: AsyncSession, zone_id: UUID) -> SecurityZone:
    """Return a zone.

    Raises:
        Problem: there is no such zone.
    """
    row = await session.get(SecurityZone, zone_id)
    if row is None:
        raise not_found("security zone")
    return row


async def zone_by_name(session: AsyncSession, name: str) -> SecurityZone:
    """Return the zone of this name; make it where there is none."""
    row = await session.scalar(select(SecurityZone).where(SecurityZone.name == name))
    return row or await create_zone(session, name=name)


async def create_zone(session: AsyncSession, *, name: str, description: str = "") -> SecurityZone:
    """Make a zone.

    Raises:
        Problem: the name is taken.
    """
    await _refuse_taken(session, name)
    row = SecurityZone(id=new_id(), name=name, description=description, created_at=utc_now())
    session.add(row)
    await session.flush()
    return row


async def change_zone(session: AsyncSession, zone_id: UUID, patch: SecurityZonePatch) -> SecurityZone:
    """Change what ``patch`` names.

    Raises:
        Problem: there is no such zone, or the name is taken.
    """
    row = await zone(session, zone_id)
    if patch.name is not None and patch.name != row.name:
        await _refuse_taken(session, patch.name)
        row.name = patch.name
    if patch.description is not None:
        row.description = patch.description
    return row


async def delete_zone(session: AsyncSession, zone_id: UUID) -> None:
    """Delete a zone that nothing uses.

    Raises:
        Problem: there is no such zone, or it is in use (by what is said).
    """
    row = await zone(session, zone_id)
    actors = await session.scalars(select(Actor.name).where(Actor.security_zone_id == zone_id))
    profiles = await session.scalars(
        select(EmailProfile.email_address).where(EmailProfile.security_zone_id == zone_id)
    )
    used_by = [f"Actor {name}" for name in actors] + [f"profile {address}" for address in profiles]
    if used_by:
        shown = ", ".join(used_by[:_MAX_USERS_NAMED])
        more = f" and {len(used_by) - _MAX_USERS_NAMED} more" if len(used_by) > _MAX_USERS_NAMED else ""
        raise Problem(409, "security_zone_in_use", f"This zone is used by {shown}{more}.")
    await session.delete(row)


async def _refuse_taken(session: AsyncSession, name: str) -> None:
    if await session.scalar(select(SecurityZone.id).where(SecurityZone.name == name)):
        raise invalid_field("/name", "taken", "Another security zone has this name.")
