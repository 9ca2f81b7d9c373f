"""The route of network requirements."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from director_api.access.callers import Viewer
from director_api.dependencies import Reading
from director_api.email_profiles.service import profile
from director_api.network_requirements.schemas import NetworkRequirements
from director_api.network_requirements.service import as_csv, requirements_of
from director_api.problems import responses

router = APIRouter(tags=["Email profiles"], responses=responses(401, 403, 404, 422))
_CSV = "text/csv"


@router.get(
    "/email-profiles/{profile_id}/network-requirements",
    response_model=NetworkRequirements,
    responses={200: {"content": {_CSV: {"schema": {"type": "string"}}}, "description": "The connections"}},
)
async def network_requirements(
    _: Viewer,
    profile_id: UUID,
    session: Reading,
    form: Annotated[Literal["json", "csv"] | None, Query(alias="format")] = None,
    accept: Annotated[str, Header(description="text/csv gives a table for a change request")] = "*/*",
) -> Response:
    """List what a firewall must let through: each Actor to each server, with port and purpose.

    As CSV with ``Accept: text/csv`` or ``?format=csv``.
    """
    found = await requirements_of(session, await profile(session, profile_id))
    if form == "csv" or (form is None and _CSV in accept):
        name = f'attachment; filename="network-requirements-{profile_id}.csv"'
        return Response(
            as_csv(found), media_type=f"{_CSV}; charset=utf-8", headers={"Content-Disposition": name}
        )
    return Response(found.model_dump_json(), media_type="application/json")
