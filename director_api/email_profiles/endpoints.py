"""Routes of email profiles."""

from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response
from sqlalchemy import Connection, Select
from starlette.convertors import StringConvertor, register_url_convertor

from director_api.access.callers import Operator, Viewer
from director_api.actors.presence import Presence
from director_api.audit.log import SECRET, differences, record
from director_api.database import Database
from director_api.dependencies import Reading, TheLifecycle, ThePresence, TheVault, Writing, on_the_loop
from director_api.email_profiles import history, manual_codes, presentation, service
from director_api.email_profiles.filters import ProfileFilters
from director_api.email_profiles.merge_patch import patched
from director_api.email_profiles.models import EmailProfile
from director_api.email_profiles.schemas import (
    MergePatch,
    ProfileCreate,
    ProfileRead,
    ProfileWrite,
    VerificationCodeRead,
)
from director_api.paging import Page, PageRequest, Paging, ThePage
from director_api.patch_document import MERGE_PATCH
from director_api.problems import Problem, responses
from director_api.verifications.service import cancel_running
from wire_contract.verification_code import subject_for


class _ProfilePath(StringConvertor):
    """A profile's id in a path. The words that name routes of their own are none: there 405 is the answer."""

    regex = "(?!(?:export|import)$)[^/]+"


register_url_convertor("profile", _ProfilePath())
ONE = "/{profile_id:profile}"
router = APIRouter(prefix="/email-profiles", tags=["Email profiles"], responses=responses(401, 403, 422))
_KEPT_STATEMENTS = 200
IfMatch = Annotated[str | None, Header(description="The ETag that the change was made from")]


class ProfilePage(Page[ProfileRead]):
    """A page of profiles."""


@lru_cache(maxsize=_KEPT_STATEMENTS)
def _page(filters: ProfileFilters, page: PageRequest) -> tuple[Paging, Select[Any]]:
    """Return the statement of a page: making it takes longer than PostgreSQL needs to carry it out."""
    paging = Paging(EmailProfile.id, page, filters.order(), filters)
    return paging, paging.query(presentation.shown_columns(filters.query()))


@router.get("", response_model=ProfilePage)
async def list_email_profiles(
    _: Viewer, request: Request, page: ThePage, filters: Annotated[ProfileFilters, Query()]
) -> Response:
    """List the profiles with how they stand."""
    database: Database = request.app.state.database
    presence: Presence = request.app.state.presence
    paging, statement = _page(filters, page)

    def read(connection: Connection) -> bytes:
        rows, cursor = paging.end(connection.execute(statement).all())
        return presentation.encoded_page(connection, presence, rows, cursor)

    async with database.connection() as connection:
        content = await connection.run_sync(read)
    return Response(content, media_type="application/json")


@router.post("", status_code=201, responses=responses(400))
async def create_email_profile(
    caller: Operator,
    body: ProfileCreate,
    session: Writing,
    vault: TheVault,
    presence: ThePresence,
    response: Response,
) -> ProfileRead:
    """Make a profile."""
    row = await service.create_profile(session, vault, body)
    await history.record_profile(session, caller, "email_profile.created", row, body)
    response.headers["Location"] = f"/email-profiles/{row.id}"
    response.headers["ETag"] = service.etag(row)
    return await presentation.show(session, presence, row)


@router.get(ONE, responses=responses(404))
async def get_email_profile(
    _: Viewer, profile_id: UUID, session: Reading, presence: ThePresence, response: Response
) -> ProfileRead:
    """Read a profile."""
    row = await service.profile(session, profile_id)
    response.headers["ETag"] = service.etag(row)
    return await presentation.show(session, presence, row)


class _Change:
    """The change of one profile: finds and locks it, refuses a lost race, shows what became of it."""

    def __init__(
        self,
        caller: Operator,
        profile_id: UUID,
        session: Writing,
        vault: TheVault,
        lifecycle: TheLifecycle,
        presence: ThePresence,
        response: Response,
        if_match: IfMatch = None,
    ) -> None:
        self.session, self._caller = session, caller
        self._profile_id, self._if_match = profile_id, if_match
        self._vault, self._lifecycle = vault, lifecycle
        self._presence, self._response = presence, response

    async def locked(self) -> EmailProfile:
        row = await service.profile(self.session, self._profile_id, for_update=True)
        service.refuse_lost_race(row, self._if_match)
        return row

    async def into(self, row: EmailProfile, wanted: ProfileWrite) -> ProfileRead:
        session, before = self.session, await history.audited(self.session, row)
        await service.change_profile(session, self._vault, self._lifecycle, row, wanted)
        await session.flush()
        await history.record_profile(
            session, self._caller, "email_profile.updated", row, wanted, before=before
        )
        self._response.headers["ETag"] = service.etag(row)
        return await presentation.show(self.session, self._presence, row)


@router.put(ONE, responses=responses(400, 404, 412))
async def replace_email_profile(
    _: Operator, body: ProfileWrite, change: Annotated[_Change, Depends(on_the_loop(_Change))]
) -> ProfileRead:
    """Replace a profile. A secret that is left out is kept, unless the change would send it elsewhere."""
    return await change.into(await change.locked(), body)


@router.patch(ONE, responses=responses(400, 404, 412))
async def change_email_profile(
    _: Operator,
    patch: Annotated[MergePatch, Body(media_type=MERGE_PATCH)],
    change: Annotated[_Change, Depends(on_the_loop(_Change))],
) -> ProfileRead:
    """Change a profile by a merge patch (RFC 7396): null takes a field back to its default."""
    row = await change.locked()
    actor_ids = await service.actor_ids_of(change.session, row.id)
    return await change.into(row, patched(row, actor_ids, patch))


@router.delete(ONE, status_code=204, responses=responses(404, 412))
async def delete_email_profile(
    caller: Operator, profile_id: UUID, session: Writing, lifecycle: TheLifecycle, if_match: IfMatch = None
) -> None:
    """Delete a profile with its secrets and its history."""
    row = await service.profile(session, profile_id, for_update=True)
    service.refuse_lost_race(row, if_match)
    before = await history.audited(session, row)
    await service.delete_profile(session, lifecycle, row)
    record(session, caller, "email_profile.deleted", profile_id, differences(before, {}))


@router.get("/{profile_id}/verification-code", responses=responses(404, 409))
async def get_verification_code(
    caller: Operator, profile_id: UUID, session: Writing, vault: TheVault, response: Response
) -> VerificationCodeRead:
    """Read the code that a person sends by hand. Manual mode only."""
    row = await service.profile(session, profile_id)
    current = await manual_codes.current_code(session, vault, profile_id)
    response.headers["Cache-Control"] = "no-store"
    if not row.send_verification_manually or current is None:
        raise _not_manual()
    record(session, caller, "verification_code.read", profile_id)
    return _code(row, current.code)


@router.post("/{profile_id}/verification-code/rotate", responses=responses(404, 409))
async def rotate_verification_code(
    caller: Operator,
    profile_id: UUID,
    session: Writing,
    vault: TheVault,
    lifecycle: TheLifecycle,
    response: Response,
) -> VerificationCodeRead:
    """Make a new code. A verification that runs looks for the old one, so it is cancelled."""
    row = await service.profile(session, profile_id, for_update=True)
    if not row.send_verification_manually:
        raise _not_manual()
    await cancel_running(session, lifecycle, profile_id)
    current = await manual_codes.rotate_code(session, vault, profile_id)
    record(session, caller, "verification_code.rotated", profile_id, {"verification_code": SECRET})
    response.headers["Cache-Control"] = "no-store"
    return _code(row, current.code)


def _code(row: EmailProfile, code: str) -> VerificationCodeRead:
    return VerificationCodeRead(
        email_address=row.email_address, verification_uuid=code, subject=subject_for(code), expires_at=None
    )


def _not_manual() -> Problem:
    return Problem(
        409,
        "not_manual",
        "The Director sends this profile's codes itself; set send_verification_manually to send one by hand.",
    )
