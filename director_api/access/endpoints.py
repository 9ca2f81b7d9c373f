"""Routes of API tokens."""

from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import select

from director_api.access.callers import Admin
from director_api.access.models import ApiToken
from director_api.access.schemas import ApiTokenCreate, ApiTokenMinted, ApiTokenRead
from director_api.access.service import mint_api_token, revoke_api_token, token_minted
from director_api.audit.log import record
from director_api.database import signal
from director_api.dependencies import Reading, TheVault, Writing
from director_api.paging import Page, ThePage, page_of
from director_api.problems import responses
from director_api.wakeups import CALLERS

router = APIRouter(prefix="/api-tokens", tags=["API tokens"], responses=responses(401, 403, 422))


@router.get("")
async def list_api_tokens(_: Admin, session: Reading, page: ThePage) -> Page[ApiTokenRead]:
    """List API tokens, without the tokens themselves."""
    rows, cursor = await page_of(session, select(ApiToken), ApiToken.id, page)
    return Page(items=[_read(row) for row in rows], next_cursor=cursor)


@router.post("", status_code=201, responses=responses(400))
async def create_api_token(
    caller: Admin, body: ApiTokenCreate, session: Writing, vault: TheVault, response: Response
) -> ApiTokenMinted:
    """Mint an API token. The answer is the only place where it is ever shown."""
    row, token = await mint_api_token(
        session, vault, name=body.name, role=body.role, expires_at=body.expires_at
    )
    record(session, caller, "api_token.created", row.id, token_minted(row))
    response.headers["Cache-Control"] = "no-store"
    return ApiTokenMinted(**_read(row).model_dump(), token=token)


@router.delete("/{token_id}", status_code=204, responses=responses(404))
async def delete_api_token(caller: Admin, token_id: UUID, session: Writing) -> None:
    """Revoke an API token."""
    await revoke_api_token(session, token_id)
    record(session, caller, "api_token.deleted", token_id)
    signal(session, CALLERS, everywhere=True)


def _read(row: ApiToken) -> ApiTokenRead:
    return ApiTokenRead.model_validate(row, from_attributes=True)
