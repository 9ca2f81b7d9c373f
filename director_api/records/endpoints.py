"""Routes of signed records and of the keys that check them."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from director_api.access.callers import Viewer
from director_api.dependencies import Reading, TheVault, Writing
from director_api.problems import responses
from director_api.records import keys, service
from director_api.verifications.service import verification

router = APIRouter(tags=["Verifications"])
MEDIA_TYPE = "application/jose"


class JwkSet(BaseModel):
    """A JWK Set (RFC 7517, section 5)."""

    keys: list[dict[str, Any]]


@router.get(
    "/verifications/{verification_id}/record",
    response_class=Response,
    responses={
        200: {
            "description": "A compact JWS (RFC 7515); `director records verify` checks it",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        },
        **responses(401, 403, 404, 409, 422),
    },
)
async def get_record(_: Viewer, verification_id: UUID, session: Writing, vault: TheVault) -> Response:
    """Return a signed record of what was verified, for whoever must show it without asking here."""
    run = await verification(session, verification_id)
    record = await service.record_of(session, vault, run)
    name = f"verification-{verification_id}.jws"
    return Response(
        record, media_type=MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@router.get("/.well-known/verification-keys")
async def get_keys(session: Reading) -> JwkSet:
    """Return the public keys of records, the newest first; anyone may read them."""
    return JwkSet(keys=await keys.public_keys(session))
