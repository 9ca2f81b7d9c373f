"""Routes of verifications."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import PlainTextResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.access.callers import Operator, Viewer
from director_api.audit.log import record
from director_api.dependencies import Reading, TheLifecycle, TheVault, TheWakeups, Writing
from director_api.email_profiles.service import profile
from director_api.holding import held
from director_api.paging import Page, ThePage, order_by, page_of
from director_api.problems import responses
from director_api.verifications import presentation, service
from director_api.verifications.models import Verification
from director_api.verifications.schemas import VerificationRead, VerifyRequest
from director_api.verifications.transcript import downloaded, transcript_of
from director_api.wakeups import verification_topic

router = APIRouter(tags=["Verifications"], responses=responses(401, 403, 422))
MAX_WAIT_SECONDS = 60
Wait = Annotated[
    float,
    Query(
        ge=0, le=MAX_WAIT_SECONDS, description="Hold the answer until the run ends, at most so many seconds"
    ),
]


@router.post(
    "/email-profiles/{profile_id}/verify",
    status_code=202,
    responses={
        200: {"model": VerificationRead, "description": "One runs already"},
        **responses(400, 404, 409),
    },
)
async def verify(
    caller: Operator,
    profile_id: UUID,
    session: Writing,
    vault: TheVault,
    lifecycle: TheLifecycle,
    wakeups: TheWakeups,
    response: Response,
    body: VerifyRequest | None = None,
) -> VerificationRead:
    """Start a verification. One that runs already is returned in place of a second."""
    row = await profile(session, profile_id, for_update=True)
    run, checks = await service.start(
        session,
        vault,
        lifecycle,
        wakeups,
        row,
        trigger=caller.trigger,
        actor_ids=body.actor_ids if body else None,
    )
    if checks is not None:
        record(session, caller, "verification.started", run.id, {"profile_id": {"new": str(profile_id)}})
    response.status_code = 200 if checks is None else 202
    response.headers["Location"] = f"/verifications/{run.id}"
    if checks is None or run.state != "running":
        return await presentation.show(session, run)
    return presentation.show_started(run, checks, row)


@router.get("/email-profiles/{profile_id}/verifications", responses=responses(404))
async def list_verifications(
    _: Viewer,
    profile_id: UUID,
    session: Reading,
    page: ThePage,
    sort: Annotated[Literal["started_at", "-started_at"], Query()] = "started_at",
) -> Page[VerificationRead]:
    """List a profile's verifications, oldest first or the other way round."""
    await profile(session, profile_id)
    query = select(Verification).where(Verification.profile_id == profile_id)
    order = order_by({"started_at": Verification.id}, sort)
    rows, cursor = await page_of(session, query, Verification.id, page, order=order, scope=profile_id)
    return Page(items=await presentation.show_all(session, rows), next_cursor=cursor)


@router.get("/verifications/{verification_id}", responses=responses(404))
async def get_verification(
    _: Viewer, verification_id: UUID, request: Request, wakeups: TheWakeups, wait: Wait = 0
) -> VerificationRead:
    """Read a verification; with ``wait``, once it has ended or the time is over."""

    async def read(session: AsyncSession) -> VerificationRead:
        return await presentation.show(session, await service.verification(session, verification_id))

    topic = verification_topic(verification_id)
    return await held(
        request.app.state.database, wakeups, topic, read, lambda shown: shown.state != "running", wait
    )


@router.get(
    "/verifications/{verification_id}/checks/{check_id}/transcript",
    response_class=PlainTextResponse,
    responses=responses(404),
)
async def get_transcript(
    _: Viewer, verification_id: UUID, check_id: UUID, session: Reading
) -> PlainTextResponse:
    """Return what a check said to the mail servers, with a paragraph that asks their administrator for help.

    Secrets and mail are left out.
    """
    return downloaded(await transcript_of(session, verification_id, check_id), check_id)


@router.post("/verifications/{verification_id}/cancel", responses=responses(404))
async def cancel_verification(
    caller: Operator, verification_id: UUID, session: Writing, lifecycle: TheLifecycle
) -> VerificationRead:
    """Cancel what has not ended. What an Actor's status was before, it stays."""
    row = await service.verification(session, verification_id)
    if await lifecycle.cancel(session, row):
        record(session, caller, "verification.cancelled", row.id)
    await session.flush()
    return await presentation.show(session, row)
