"""The route that Prometheus asks."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from director_api.access.callers import Viewer
from director_api.metrics.instruments import Metrics
from director_api.metrics.levels import stored_levels
from director_api.problems import responses

router = APIRouter(tags=["Health"], responses=responses(401, 403))
_TEXT = {
    "description": "Prometheus's text format, 0.0.4",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}


@router.get("/metrics", response_class=PlainTextResponse, responses={200: _TEXT})
async def get_metrics(_: Viewer, request: Request) -> Response:
    """Give this Director's metrics."""
    state = request.app.state
    async with state.database.read() as session:
        levels = await stored_levels(session)
    metrics: Metrics = state.metrics
    metrics.show(
        {
            **levels,
            "director_held_polls": state.presence.held_polls,
            "director_event_streams": state.streams,
        }
    )
    return Response(generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
