"""The route of the audit log. There is none that changes it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Select, or_, select

from director_api.access.callers import Admin
from director_api.audit.log import CallerKind
from director_api.audit.models import AuditEntry
from director_api.audit.schemas import AuditCaller, AuditEntryRead
from director_api.dependencies import Reading
from director_api.fields import NO_NUL, Moment
from director_api.paging import Page, ThePage, order_by, page_of
from director_api.problems import responses

router = APIRouter(tags=["Audit log"], responses=responses(401, 403, 422))
_Text = Annotated[str | None, Query(max_length=256, pattern=NO_NUL)]


class AuditFilter(BaseModel):
    """Which entries, and in which order."""

    subject_id: _Text = None
    caller: Annotated[
        str | None, Query(max_length=256, pattern=NO_NUL, description="The caller's id or name")
    ] = None
    action: Annotated[
        str | None, Query(max_length=256, pattern=NO_NUL, examples=["email_profile.updated"])
    ] = None
    since: Annotated[Moment | None, Field(description="Not before this moment")] = None
    until: Annotated[Moment | None, Field(description="Before this moment")] = None
    sort: Annotated[Literal["at", "-at"], Query()] = "at"


@router.get("/audit-log")
async def list_audit_log(
    _: Admin,
    session: Reading,
    page: ThePage,
    wanted: Annotated[AuditFilter, Query()],
) -> Page[AuditEntryRead]:
    """List who changed what and when, oldest first or the other way round."""
    order = order_by({"at": AuditEntry.id}, wanted.sort)
    rows, cursor = await page_of(session, _matching(wanted), AuditEntry.id, page, order=order, scope=wanted)
    return Page(items=[_read(row) for row in rows], next_cursor=cursor)


def _matching(wanted: AuditFilter) -> Select[AuditEntry]:
    query = select(AuditEntry)
    if wanted.subject_id is not None:
        query = query.where(AuditEntry.subject_id == wanted.subject_id)
    if wanted.caller is not None:
        query = query.where(
            or_(AuditEntry.caller_id == wanted.caller, AuditEntry.caller_name == wanted.caller)
        )
    if wanted.action is not None:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    return query


def _read(row: AuditEntry) -> AuditEntryRead:
    return AuditEntryRead(
        id=row.id,
        at=row.at,
        caller=AuditCaller(kind=CallerKind(row.caller_kind), id=row.caller_id, name=row.caller_name),
        action=row.action,
        subject_id=row.subject_id,
        changes=row.changes,
        request_id=row.request_id,
    )
