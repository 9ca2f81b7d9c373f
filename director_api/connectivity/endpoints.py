"""Routes of connectivity checks."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.access.callers import Operator, Viewer
from director_api.audit.log import record
from director_api.connectivity import presentation, service
from director_api.connectivity.schemas import ConnectivityCheckRead, DraftCheckRequest, ProfileCheckRequest
from director_api.connectivity.transcript import transcript_of
from director_api.dependencies import Reading, TheLifecycle, TheVault, TheWakeups, Writing
from director_api.email_profiles.service import profile
from director_api.holding import held
from director_api.jobs.lifecycle import cancel
from director_api.problems import responses
from director_api.verifications.endpoints import Wait
from director_api.verifications.transcript import downloaded
from director_api.wakeups import job_run_topic

router = APIRouter(tags=["Connectivity checks"], responses=responses(401, 403, 422))


@router.post("/connectivity-checks", status_code=202, responses=responses(400, 409))
async def check_draft(
    caller: Operator,
    body: DraftCheckRequest,
    session: Writing,
    vault: TheVault,
    lifecycle: TheLifecycle,
    response: Response,
) -> ConnectivityCheckRead:
    """Try an unsaved profile: the steps of a verification without mail, up to the opened mailbox.

    Its secrets are kept encrypted while the check runs, and no longer; what is shown, for a day.
    """
    run = await service.check_draft(session, vault, lifecycle, body)
    record(session, caller, "connectivity_check.started", run.id)
    response.headers["Location"] = f"/connectivity-checks/{run.id}"
    return await presentation.show(session, run)


@router.post(
    "/email-profiles/{profile_id}/connectivity-check", status_code=202, responses=responses(400, 404, 409)
)
async def check_profile(
    caller: Operator,
    profile_id: UUID,
    session: Writing,
    lifecycle: TheLifecycle,
    response: Response,
    body: ProfileCheckRequest | None = None,
) -> ConnectivityCheckRead:
    """Try a saved profile without mail. The profile's status stays as it is."""
    row = await profile(session, profile_id)
    run = await service.check_profile(session, lifecycle, row, body or ProfileCheckRequest())
    record(session, caller, "connectivity_check.started", run.id, {"profile_id": {"new": str(profile_id)}})
    response.headers["Location"] = f"/connectivity-checks/{run.id}"
    return await presentation.show(session, run)


@router.get("/connectivity-checks/{check_id}", responses=responses(404))
async def get_connectivity_check(
    _: Viewer, check_id: UUID, request: Request, wakeups: TheWakeups, wait: Wait = 0
) -> ConnectivityCheckRead:
    """Read a connectivity check; with ``wait``, once it has ended or the time is over."""

    async def read(session: AsyncSession) -> ConnectivityCheckRead:
        return await presentation.show(session, await service.connectivity_check(session, check_id))

    topic = job_run_topic(check_id)
    return await held(
        request.app.state.database, wakeups, topic, read, lambda shown: shown.state != "running", wait
    )


@router.get(
    "/connectivity-checks/{run_id}/checks/{check_id}/transcript",
    response_class=PlainTextResponse,
    responses=responses(404),
)
async def get_connectivity_transcript(
    _: Viewer, run_id: UUID, check_id: UUID, session: Reading
) -> PlainTextResponse:
    """Return what a check said to the servers, with a paragraph that asks their administrator for help.

    Secrets and mail are left out.
    """
    return downloaded(await transcript_of(session, run_id, check_id), check_id)


@router.post("/connectivity-checks/{check_id}/cancel", responses=responses(404))
async def cancel_connectivity_check(
    caller: Operator, check_id: UUID, session: Writing, lifecycle: TheLifecycle
) -> ConnectivityCheckRead:
    """Cancel what has not ended."""
    run = await service.connectivity_check(session, check_id, for_update=True)
    if run.state == "running":
        await cancel(session, lifecycle, run)
        record(session, caller, "connectivity_check.cancelled", run.id)
    await session.flush()
    return await presentation.show(session, run)
