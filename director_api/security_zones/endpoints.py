"""Routes of security zones."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import select

from director_api.access.callers import Admin, Viewer
from director_api.audit.log import differences, record
from director_api.dependencies import Reading, Writing
from director_api.paging import Page, ThePage, order_by, page_of
from director_api.problems import responses
from director_api.security_zones import service
from director_api.security_zones.models import SecurityZone
from director_api.security_zones.schemas import SecurityZonePatch, SecurityZoneRead, SecurityZoneWrite

router = APIRouter(prefix="/security-zones", tags=["Security zones"], responses=responses(401, 403, 422))


@router.get("")
async def list_security_zones(
    _: Viewer,
    session: Reading,
    page: ThePage,
    sort: Annotated[Literal["created_at", "-created_at", "name", "-name"], Query()] = "created_at",
) -> Page[SecurityZoneRead]:
    """List the zones."""
    order = order_by({"created_at": SecurityZone.id, "name": SecurityZone.name}, sort)
    rows, cursor = await page_of(session, select(SecurityZone), SecurityZone.id, page, order=order)
    return Page(items=[_read(row) for row in rows], next_cursor=cursor)


@router.post("", status_code=201, responses=responses(400))
async def create_security_zone(caller: Admin, body: SecurityZoneWrite, session: Writing) -> SecurityZoneRead:
    """Make a zone."""
    row = await service.create_zone(session, name=body.name, description=body.description)
    record(session, caller, "security_zone.created", row.id, differences({}, body.model_dump()))
    return _read(row)


@router.get("/{zone_id}", responses=responses(404))
async def get_security_zone(_: Viewer, zone_id: UUID, session: Reading) -> SecurityZoneRead:
    """Read a zone."""
    return _read(await service.zone(session, zone_id))


@router.patch("/{zone_id}", responses=responses(400, 404))
async def change_security_zone(
    caller: Admin, zone_id: UUID, body: SecurityZonePatch, session: Writing
) -> SecurityZoneRead:
    """Change a zone's name or description."""
    before = _read(await service.zone(session, zone_id))
    after = _read(await service.change_zone(session, zone_id, body))
    changes = differences(before.model_dump(mode="json"), after.model_dump(mode="json"))
    record(session, caller, "security_zone.updated", zone_id, changes)
    return after


@router.delete("/{zone_id}", status_code=204, responses=responses(404, 409))
async def delete_security_zone(caller: Admin, zone_id: UUID, session: Writing) -> None:
    """Delete a zone that nothing uses."""
    name = (await service.zone(session, zone_id)).name
    await service.delete_zone(session, zone_id)
    record(session, caller, "security_zone.deleted", zone_id, differences({"name": name}, {}))


def _read(row: SecurityZone) -> SecurityZoneRead:
    return SecurityZoneRead.model_validate(row, from_attributes=True)
