"""Routes of Actors and enrollment tokens."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.access.callers import Admin, Caller, Viewer
from director_api.actors import control, service
from director_api.actors.models import Actor
from director_api.actors.presence import Presence
from director_api.actors.schemas import (
    ActorPatch,
    ActorRead,
    ActorState,
    EnrollmentTokenCreate,
    EnrollmentTokenMinted,
)
from director_api.audit.log import differences, record
from director_api.database import signal
from director_api.dependencies import Reading, TheLifecycle, ThePresence, TheVault, Writing
from director_api.paging import Page, ThePage, order_by, page_of
from director_api.problems import responses
from director_api.verifications.lifecycle import Lifecycle
from director_api.wakeups import credential_signal
from wire_contract.control import ControlAction

router = APIRouter(tags=["Actors"], responses=responses(401, 403, 422))
_Sort = Annotated[Literal["enrolled_at", "-enrolled_at", "name", "-name"], Query()]


@router.get("/actors")
async def list_actors(
    _: Viewer,
    session: Reading,
    presence: ThePresence,
    page: ThePage,
    security_zone_id: Annotated[UUID | None, Query(description="Actors of this zone")] = None,
    sort: _Sort = "enrolled_at",
) -> Page[ActorRead]:
    """List the Actors."""
    query = select(Actor)
    if security_zone_id is not None:
        query = query.where(Actor.security_zone_id == security_zone_id)
    order = order_by({"enrolled_at": Actor.id, "name": Actor.name}, sort)
    rows, cursor = await page_of(session, query, Actor.id, page, order=order, scope=security_zone_id)
    return Page(items=[_read(row, presence) for row in rows], next_cursor=cursor)


@router.get("/actors/{actor_id}", responses=responses(404))
async def get_actor(_: Viewer, actor_id: UUID, session: Reading, presence: ThePresence) -> ActorRead:
    """Read an Actor."""
    return _read(await service.actor(session, actor_id), presence)


@router.patch("/actors/{actor_id}", responses=responses(400, 404, 409))
async def change_actor(
    caller: Admin,
    actor_id: UUID,
    body: ActorPatch,
    session: Writing,
    presence: ThePresence,
    lifecycle: TheLifecycle,
) -> ActorRead:
    """Rename an Actor, move it to another zone, or set how long its polls are held."""
    before = _audited(await service.actor(session, actor_id))
    row = await service.change_actor(session, actor_id, body)
    if body.poll_seconds is not None and body.poll_seconds != row.poll_seconds:
        row.poll_seconds = body.poll_seconds
        control.ask(session, lifecycle, row, ControlAction.SET_INTERVALS)
    record(session, caller, "actor.updated", actor_id, differences(before, _audited(row)))
    return _read(row, presence)


@router.post("/actors/{actor_id}/revoke", responses=responses(404))
async def revoke_actor(caller: Admin, actor_id: UUID, session: Writing, presence: ThePresence) -> ActorRead:
    """Shut an Actor out at once. Enroll it anew with an enrollment token for its actor_id."""
    row = await service.revoke_actor(session, actor_id)
    record(session, caller, "actor.revoked", actor_id)
    signal(session, credential_signal(actor_id), everywhere=True)
    return _read(row, presence)


@router.post("/actors/{actor_id}/pause", responses=responses(404))
async def pause_actor(
    caller: Admin, actor_id: UUID, session: Writing, presence: ThePresence, lifecycle: TheLifecycle
) -> ActorRead:
    """Give an Actor no work until it is resumed. What it holds, it ends."""
    return await _asked(session, caller, presence, lifecycle, actor_id, ControlAction.PAUSE)


@router.post("/actors/{actor_id}/resume", responses=responses(404))
async def resume_actor(
    caller: Admin, actor_id: UUID, session: Writing, presence: ThePresence, lifecycle: TheLifecycle
) -> ActorRead:
    """Give a paused Actor work again."""
    return await _asked(session, caller, presence, lifecycle, actor_id, ControlAction.RESUME)


@router.post("/actors/{actor_id}/stop", responses=responses(404))
async def stop_actor(
    caller: Admin, actor_id: UUID, session: Writing, presence: ThePresence, lifecycle: TheLifecycle
) -> ActorRead:
    """Have an Actor end in good order: it hands back what it holds. Its machine starts it again."""
    return await _asked(session, caller, presence, lifecycle, actor_id, ControlAction.STOP)


@router.post("/actors/{actor_id}/rotate-credential", responses=responses(404))
async def rotate_actor_credential(
    caller: Admin, actor_id: UUID, session: Writing, presence: ThePresence, lifecycle: TheLifecycle
) -> ActorRead:
    """Have an Actor make a new key and fetch a new credential; the old one ends when the new is first used."""
    return await _asked(session, caller, presence, lifecycle, actor_id, ControlAction.ROTATE_CREDENTIAL)


@router.post("/actors/{actor_id}/run-diagnostics", responses=responses(404))
async def run_actor_diagnostics(
    caller: Admin, actor_id: UUID, session: Writing, presence: ThePresence, lifecycle: TheLifecycle
) -> ActorRead:
    """Have an Actor look at itself; ``self_diagnosis`` shows what it found a moment later."""
    return await _asked(session, caller, presence, lifecycle, actor_id, ControlAction.RUN_DIAGNOSTICS)


@router.delete("/actors/{actor_id}", status_code=204, responses=responses(404, 409))
async def delete_actor(caller: Admin, actor_id: UUID, session: Writing) -> None:
    """Delete an Actor that no profile uses. Its credential ends at once."""
    before = _audited(await service.actor(session, actor_id))
    await service.delete_actor(session, actor_id)
    record(session, caller, "actor.deleted", actor_id, differences(before, {}))
    signal(session, credential_signal(actor_id), everywhere=True)


@router.post("/enrollment-tokens", status_code=201, responses=responses(400))
async def create_enrollment_token(
    caller: Admin, body: EnrollmentTokenCreate, session: Writing, vault: TheVault, response: Response
) -> EnrollmentTokenMinted:
    """Mint a one-time token with which an Actor enrolls. The answer is the only place where it is shown."""
    row, token = await service.mint_enrollment_token(session, vault, body)
    changes = differences({}, body.model_dump(mode="json"))
    record(session, caller, "enrollment_token.created", row.id, changes)
    response.headers["Cache-Control"] = "no-store"
    return EnrollmentTokenMinted(id=row.id, token=token, expires_at=row.expires_at)


def _audited(row: Actor) -> dict[str, str | int | None]:
    zone = row.security_zone_id
    return {
        "name": row.name,
        "security_zone_id": None if zone is None else str(zone),
        "poll_seconds": row.poll_seconds,
    }


async def _asked(
    session: AsyncSession,
    caller: Caller,
    presence: Presence,
    lifecycle: Lifecycle,
    actor_id: UUID,
    action: ControlAction,
) -> ActorRead:
    row = await service.actor(session, actor_id, for_update=True)
    before = {"paused": row.paused}
    control.ask(session, lifecycle, row, action)
    changes = differences(before, {"paused": row.paused}) | {"asked": {"old": None, "new": action.value}}
    record(session, caller, f"actor.{action}", actor_id, changes)
    await session.flush()
    return _read(row, presence)


def _online(row: Actor, presence: Presence) -> bool:
    return not row.stopped and presence.online(row.id, row.last_seen_at, row.poll_seconds)


def _state(row: Actor, presence: Presence) -> ActorState:
    if row.stopped:
        return ActorState.DISCONNECTED
    if not _online(row, presence):
        return ActorState.LOST
    return ActorState.DRAINING if row.draining else ActorState.CONNECTED


def _read(row: Actor, presence: Presence) -> ActorRead:
    return ActorRead(
        id=row.id,
        name=row.name,
        security_zone_id=row.security_zone_id,
        online=_online(row, presence),
        state=_state(row, presence),
        paused=row.paused,
        asked=[entry["action"] for entry in row.asked],
        poll_seconds=row.poll_seconds,
        self_diagnosis=row.self_diagnosis,
        self_diagnosed_at=row.self_diagnosed_at,
        revoked=row.credential_hash is None,
        draining=row.draining,
        version=row.version,
        capabilities=row.capabilities,
        interfaces=row.interfaces,
        addresses=row.addresses,
        last_seen_at=presence.last_seen(row.id, row.last_seen_at),
        enrolled_at=row.enrolled_at,
    )
