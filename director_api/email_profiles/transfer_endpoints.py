"""Routes by which profiles leave and enter as documents."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from director_api.access.callers import Operator, Viewer
from director_api.audit.log import differences, record, secrets_given
from director_api.database import Database
from director_api.dependencies import Reading, TheVault
from director_api.email_profiles import service
from director_api.email_profiles.exporting import as_csv, as_json
from director_api.email_profiles.filters import ProfileFilters
from director_api.email_profiles.importing import CSV, read_profiles, refuse
from director_api.email_profiles.merge_patch import document
from director_api.email_profiles.schemas.transfer import ImportedProfile, ImportRead, ProfileExport
from director_api.lengths import UNBOUNDED, lengths_of
from director_api.limits import MOST_IMPORT_PROFILES
from director_api.problems import Problem, responses

router = APIRouter(prefix="/email-profiles", tags=["Email profiles"], responses=responses(401, 403, 422))
_EXPORT: TypeAdapter[ProfileExport] = TypeAdapter(ProfileExport)
_TYPES = {"imap": "Imap", "pop3": "Pop3", "microsoft_graph": "Graph", "gmail": "Gmail"}
_REFERENCES = {name: f"#/components/schemas/{title}ProfileCreate" for name, title in _TYPES.items()}
_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_IMPORT_PROFILES,
                "items": {
                    "oneOf": [{"$ref": reference} for reference in _REFERENCES.values()],
                    "discriminator": {"propertyName": "server_type", "mapping": _REFERENCES},
                },
            }
        },
        CSV: {"schema": {"type": "string", "description": "docs/import.md names the columns"}},
    },
}


_ALL: dict[int | str, dict[str, Any]] = {
    200: {
        "model": list[ProfileExport],
        "description": "All that fit the filters, in the order in which they were made",
        "content": {CSV: {"schema": {"type": "string", "description": "docs/import.md names the columns"}}},
    }
}


class ExportFormat(StrEnum):
    """What an export is written as."""

    JSON = "json"
    CSV = "csv"


@router.get("/export", response_class=StreamingResponse, responses=_ALL)
async def export_email_profiles(
    _: Viewer,
    request: Request,
    filters: Annotated[ProfileFilters, Query()],
    as_format: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> StreamingResponse:
    """Export every profile that fits the filters, without secrets, as an import takes them."""
    database: Database = request.app.state.database
    if as_format is ExportFormat.CSV:
        return StreamingResponse(as_csv(database, filters), media_type=CSV)
    return StreamingResponse(as_json(database, filters), media_type="application/json")


@router.get("/{profile_id}/export", responses=responses(404), response_model_exclude_unset=True)
async def export_email_profile(_: Viewer, profile_id: UUID, session: Reading) -> ProfileExport:
    """Export a profile: all its fields but its secrets, as an import takes it."""
    row = await service.profile(session, profile_id)
    stored = document(row, await service.actor_ids_of(session, profile_id))
    with lengths_of(UNBOUNDED):
        return _EXPORT.validate_python(stored)


@router.post(
    "/import",
    status_code=201,
    responses=responses(400, 413, 415),
    openapi_extra={"requestBody": _BODY},
)
async def import_email_profiles(caller: Operator, request: Request, vault: TheVault) -> ImportRead:
    """Make up to 1,000 profiles from a JSON list or a CSV table, with their secrets: all or none."""
    content_type = request.headers.get("content-type", "")
    most = request.app.state.limits.import_profiles
    # The body is read and checked before a connection to the database is taken.
    wanted = await asyncio.to_thread(read_profiles, await request.body(), content_type, most)
    places = [f"/{position}" for position in range(len(wanted))]
    database: Database = request.app.state.database
    try:
        async with database.write() as session:
            rows = await service.create_profiles(session, vault, wanted, places)
            for row, profile in zip(rows, wanted, strict=True):
                changes = differences({}, document(row, profile.actor_ids)) | secrets_given(profile)
                record(session, caller, "email_profile.created", row.id, changes)
    except Problem as problem:
        if problem.errors:
            refuse(problem.errors, in_table=content_type.startswith(CSV))
        raise
    items = [ImportedProfile(id=row.id, email_address=row.email_address) for row in rows]
    return ImportRead(created=len(items), items=items)
