"""Routes of Actors and enrollment tokens."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy import select

from director_api.access.callers import Admin, Viewer
from director_api.actors import service
from director_api.actors.models import Actor
from director_api.actors.presence import Presence
from director_api.actors.schemas import ActorPatch, ActorRead, EnrollmentTokenCreate, EnrollmentTokenMinted
from director_api.audit.log import differences, record
from director_api.database import signal
from director_api.dependencies import Reading, ThePresence, TheVault, Writing
from director_api.paging import Page, PageRequest, page_of
from director_api.problems import responses
from director_api.wakeups import credential_signal

router = APIRouter(tags=["Actors"], responses=responses(401, 403, 422))


@router.get("/actors")
async def list_actors(
    _: Viewer, session: Reading, presence: ThePresence, page: Annotated[PageRequest, Depends()]
) -> Page[ActorRead]:
    """List the Actors."""
    rows, cursor = await page_of(session, select(Actor), Actor.id, page)
    return Page(items=[_read(row, presence) for row in rows], next_cursor=cursor)


@router.get("/actors/{actor_id}", responses=responses(404))
async def get_actor(_: Viewer, actor_id: UUID, session: Reading, presence: ThePresence) -> ActorRead:
    """Read an Actor."""
    return _read(await service.actor(session, actor_id), presence)


@router.patch("/actors/{actor_id}", responses=responses(400, 404, 409))
async def change_actor(
    caller: Admin, actor_id: UUID, body: ActorPatch, session: Writing, presence: ThePresence
) -> ActorRead:
    """Rename an Actor or move it to another zone."""
    before = _audited(await service.actor(session, actor_id))
    row = await service.change_actor(session, actor_id, body)
    record(session, caller, "actor.updated", actor_id, differences(before, _audited(row)))
    return _read(row, presence)


@router.post("/actors/{actor_id}/revoke", responses=responses(404))
async def revoke_actor(caller: Admin, actor_id: UUID, session: Writing, presence: ThePresence) -> ActorRead:
    """Shut an Actor out at once. Enroll it anew with an enrollment token for its actor_id."""
    row = await service.revoke_actor(session, actor_id)
    record(session, caller, "actor.revoked", actor_id)
    signal(session, credential_signal(actor_id), everywhere=True)
    return _read(row, presence)


@router.delete("/actors/{actor_id}", status_code=204, responses=responses(404, 409))
async def delete_actor(caller: Admin, actor_id: UUID, session: Writing) -> None:
    """Delete an Actor that no profile uses. Its credential ends at once."""
    before = _audited(await service.actor(session, actor_id))
    await service.delete_actor(session, actor_id)
    record(session, caller, "actor.deleted", actor_id, differences(before, {}))
    signal(session, credential_signal(actor_id), everywhere=True)


@router.post("/enrollment-tokens", status_code=201, responses=responses(400))
async def create_enrollment_token(
    caller: Admin, body: EnrollmentTokenCreate, session: Writing, vault: TheVault
) -> EnrollmentTokenMinted:
    """Mint a one-time token with which an Actor enrolls. The answer is the only place where it is shown."""
    row, token = await service.mint_enrollment_token(session, vault, body)
    changes = differences({}, body.model_dump(mode="json"))
    record(session, caller, "enrollment_token.created", row.id, changes)
    return EnrollmentTokenMinted(id=row.id, token=token, expires_at=row.expires_at)


def _audited(row: Actor) -> dict[str, str | None]:
    zone = row.security_zone_id
    return {"name": row.name, "security_zone_id": None if zone is None else str(zone)}


def _read(row: Actor, presence: Presence) -> ActorRead:
    return ActorRead(
        id=row.id,
        name=row.name,
        security_zone_id=row.security_zone_id,
        online=presence.online(row.id, row.last_seen_at),
        revoked=row.credential_hash is None,
        draining=row.draining,
        version=row.version,
        capabilities=row.capabilities,
        interfaces=row.interfaces,
        addresses=row.addresses,
        last_seen_at=presence.last_seen(row.id, row.last_seen_at),
        enrolled_at=row.enrolled_at,
    )
