"""Routes that Actors call; an Actor's credential opens these and nothing else."""

import asyncio
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol import enrolling, work
from director_api.actor_protocol.board import WorkBoard
from director_api.actor_protocol.held_polls import HELD
from director_api.actor_protocol.holding import held
from director_api.actor_protocol.results import Results
from director_api.actor_protocol.roster import ActorIdentity, CallingActor, Roster, not_enrolled
from director_api.actors import control
from director_api.actors.models import Actor
from director_api.audit.log import SECRET, CallerKind, Who, differences, record
from director_api.database import after_commit, signal
from director_api.dependencies import TheLifecycle, ThePresence, TheVault, Writing
from director_api.openapi import operation_id
from director_api.problems import responses
from director_api.wakeups import credential_signal
from wire_contract.control import ControlAction, SelfDiagnosis
from wire_contract.enrollment import ActorStatus, Enrolled, EnrollRequest, Rotated, RotateRequest
from wire_contract.jobs import LeaseAnswer, LeaseRequest
from wire_contract.results import LeaseRenewed, LeaseUpdate, Result, ResultRecorded

router = APIRouter(
    prefix="/actor",
    tags=["Actor protocol"],
    responses=responses(401, 422),
    generate_unique_id_function=operation_id,
)


@router.post("/enroll", status_code=201, responses=responses(400, 409))
async def enroll(body: EnrollRequest, session: Writing, vault: TheVault, presence: ThePresence) -> Enrolled:
    """Turn a one-time enrollment token into a credential."""
    actor, credential = await enrolling.enroll(session, vault, presence, body)
    changes = differences({}, {"name": actor.name, "version": actor.version}) | {"credential": SECRET}
    record(session, Who(CallerKind.ACTOR, str(actor.id), actor.name), "actor.enrolled", actor.id, changes)
    signal(session, credential_signal(actor.id), everywhere=True)
    return Enrolled(
        actor_id=actor.id,
        credential=credential,
        poll_seconds=actor.poll_seconds,
        renew_seconds=control.RENEW_SECONDS,
    )


@router.post(
    "/leases",
    response_model=LeaseAnswer,
    responses={204: {"description": "No work within wait_seconds"}, **responses(400)},
)
async def poll(
    actor: CallingActor, body: LeaseRequest, request: Request, vault: TheVault, lifecycle: TheLifecycle
) -> Response:
    """Ask for work; the answer is held until there is some, for ``wait_seconds`` at most.

    Nothing of the database is held or asked while the poll waits.
    """
    state = request.app.state
    board: WorkBoard = state.board
    roster: Roster = state.roster
    loop = asyncio.get_running_loop()
    end = request.scope.get(HELD, loop.time()) + body.wait_seconds
    with state.presence.polling(actor.id):
        first = True
        while first or loop.time() < end:
            first = False
            if not await _work_or_gone(request, board, actor, max(0.0, end - loop.time())):
                break
            if not roster.knows(actor):
                raise not_enrolled()
            async with state.database.write() as session:
                taken = await work.take(session, vault, lifecycle, actor, body.capacity)
            if taken.look_again_at is not None:
                board.announce(actor.id, taken.look_again_at)
            if taken.leases or taken.control:
                answer = LeaseAnswer(leases=taken.leases, control=taken.control)
                return Response(answer.model_dump_json(), media_type="application/json")
    return Response(status_code=204)


@router.patch(
    "/leases/{lease_id}",
    response_model=LeaseRenewed,
    responses={204: {"description": "Handed back"}, **responses(400, 404, 409)},
)
async def update_lease(
    request: Request,
    actor: CallingActor,
    lease_id: UUID,
    body: LeaseUpdate,
    session: Writing,
    vault: TheVault,
    lifecycle: TheLifecycle,
) -> Response:
    """Renew a lease with what happened so far, or hand it back until a later look."""
    hold = await held(session, vault, lifecycle, actor, lease_id)
    if body.hand_back:
        await hold.hand_back(body)
        _place_given_free(request, session, actor)
        return Response(status_code=204)
    renewed = await hold.renew(body)
    return Response(renewed.model_dump_json(), media_type="application/json")


@router.post("/leases/{lease_id}/result", responses=responses(400, 404, 409))
async def post_result(request: Request, actor: CallingActor, lease_id: UUID, body: Result) -> ResultRecorded:
    """Say how a job ended. Repeating it is harmless."""
    results: Results = request.app.state.results
    recorded = await results.record(actor, lease_id, body)
    board: WorkBoard = request.app.state.board
    board.hasten(actor.id)  # its place is free
    return recorded


@router.put("/status", status_code=204, responses=responses(400))
async def put_status(
    actor: CallingActor, body: ActorStatus, session: Writing, lifecycle: TheLifecycle
) -> None:
    """Say what the Actor is: version, capabilities, interfaces."""
    row = await session.get_one(Actor, actor.id, with_for_update=True)
    row.version, row.draining, row.stopped = body.version, body.draining, body.stopped
    control.heard(session, lifecycle, row, body)
    row.capabilities, row.addresses = list(body.capabilities), list(body.addresses)
    row.interfaces = [interface.model_dump(mode="json") for interface in body.interfaces]


@router.put("/diagnostics", status_code=204, responses=responses(400))
async def put_diagnostics(
    actor: CallingActor, body: SelfDiagnosis, session: Writing, lifecycle: TheLifecycle
) -> None:
    """Say what the Actor found out about itself."""
    row = await session.get_one(Actor, actor.id, with_for_update=True)
    row.self_diagnosis = [finding.model_dump(mode="json") for finding in body.findings]
    row.self_diagnosed_at = lifecycle.now()
    control.did(row, ControlAction.RUN_DIAGNOSTICS)


@router.post("/credential/rotate", responses=responses(400))
async def rotate_credential(
    actor: CallingActor, body: RotateRequest, session: Writing, vault: TheVault
) -> Rotated:
    """Get a credential for a new key. The old ones end when the new credential is first used.

    So an answer that gets lost shuts nobody out: the call may be repeated with the old credential.
    """
    credential = await enrolling.rotate(session, vault, actor, body.public_key)
    who = Who(CallerKind.ACTOR, str(actor.id), actor.name)
    record(session, who, "actor.credential_rotated", actor.id, {"credential": SECRET})
    return Rotated(credential=credential)


def _place_given_free(request: Request, session: AsyncSession, actor: ActorIdentity) -> None:
    board: WorkBoard = request.app.state.board
    after_commit(session, partial(board.hasten, actor.id))


async def _work_or_gone(request: Request, board: WorkBoard, actor: ActorIdentity, seconds: float) -> bool:
    """Wait for work. A caller that hangs up ends the wait, and is given nothing."""
    waiting = asyncio.ensure_future(board.wait(actor.id, seconds))
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
        return waiting.done() and not gone.done() and waiting.result()
    finally:
        for task in (waiting, gone):
            task.cancel()
        await asyncio.gather(waiting, gone, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
