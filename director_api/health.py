"""Whether the Director lives, and whether it can do its work."""

import asyncio

from fastapi import APIRouter, Request

from director_api.field_errors import ApiModel
from director_api.problems import Problem, responses

router = APIRouter(prefix="/health", tags=["Health"])
_ANSWER_SECONDS = 3.0
"""So long the database is waited for. Giving up a silent connection takes 2 s more, and whoever asks waits for 5."""


class Health(ApiModel):
    """The answer of a healthy Director."""

    status: str


@router.get("/live")
async def live() -> Health:
    """Answer whenever the process can."""
    return Health(status="live")


@router.get("/ready", responses=responses(503))
async def ready(request: Request) -> Health:
    """Answer when the database answers too and can be written to, and what the Director does by itself goes on."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await request.app.state.database.require_writable()
    except Exception as error:
        raise Problem(503, "database_unavailable", "The database does not answer, or only reads.") from error
    if late := request.app.state.turns.late():
        raise Problem(
            503, "director_stalled", f"What this Director does by itself stands still: {', '.join(late)}."
        )
    return Health(status="ready")
