"""Whether the Director lives, and whether it can do its work."""

from fastapi import APIRouter, Request
from sqlalchemy import text

from director_api.field_errors import ApiModel
from director_api.problems import Problem, responses

router = APIRouter(prefix="/health", tags=["Health"])


class Health(ApiModel):
    """The answer of a healthy Director."""

    status: str


@router.get("/live")
async def live() -> Health:
    """Answer whenever the process can."""
    return Health(status="live")


@router.get("/ready", responses=responses(503))
async def ready(request: Request) -> Health:
    """Answer when the database answers too."""
    try:
        async with request.app.state.database.read() as session:
            await session.execute(text("SELECT 1"))
    except Exception as error:
        raise Problem(503, "database_unavailable", "The database does not answer.") from error
    return Health(status="ready")
