"""The route of live updates."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from director_api.access.callers import Viewer
from director_api.dependencies import TheWakeups
from director_api.events.feed import EventFeed
from director_api.events.log import EventType
from director_api.events.stream import Wanted, stream
from director_api.problems import Problem, responses

router = APIRouter(tags=["Events"], responses=responses(401, 403, 422))
_HIGHEST = 2**63 - 1
Position = Annotated[int | None, Query(ge=0, le=_HIGHEST, description="As the header Last-Event-ID")]
_EVENT = {
    "type": "object",
    "description": "Each event of the stream",
    "properties": {
        "id": {"type": "string"},
        "event": {"type": "string", "enum": [*EventType, "reset"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}
_STREAM = {
    "description": "Server-sent events: `id` is the position to resume after, `event` the type, `data` JSON "
    "`{id, type, created_at, data}`. A comment comes every 15 s. The event `reset` says that what was missed "
    "is no longer kept (72 h): read the lists anew. The stream ends when the token does.",
    "content": {"text/event-stream": {"schema": _EVENT}},
}


@router.get(
    "/events", response_class=StreamingResponse, responses={200: _STREAM, **responses(503)}, name="events"
)
async def follow_events(
    _: Viewer,
    request: Request,
    wakeups: TheWakeups,
    types: Annotated[
        list[EventType] | None, Query(max_length=20, description="Only these; repeat it")
    ] = None,
    profile_id: Annotated[UUID | None, Query(description="Only events of this profile")] = None,
    last_event_id: Annotated[
        int | None, Header(alias="Last-Event-ID", ge=0, le=_HIGHEST, description="Resume after this id")
    ] = None,
    after: Annotated[Position, Query(alias="last_event_id")] = None,
    seconds: Annotated[
        float | None, Query(ge=0, le=86_400, description="End the stream after so many seconds")
    ] = None,
) -> StreamingResponse:
    """Follow what happens; with ``Last-Event-ID``, first what was missed."""
    feed: EventFeed = request.app.state.feed
    state = request.app.state
    if state.streams >= state.limits.event_streams:
        raise _too_many_streams(state.limits.event_streams)
    wanted = Wanted(
        after=last_event_id if last_event_id is not None else after,
        types=frozenset(types or ()),
        profile_id=profile_id,
        seconds=seconds,
    )
    token = request.headers.get("authorization", "").partition(" ")[2]

    async def may_go_on() -> bool:
        try:
            return await state.callers.find(token) is not None
        except Problem:  # an access token that has expired, or can't be checked
            return False

    async def counted() -> AsyncIterator[str]:
        state.streams += 1
        try:
            async for text in stream(feed, wakeups, wanted, may_go_on):
                yield text
        finally:
            state.streams -= 1

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(counted(), media_type="text/event-stream", headers=headers)


def _too_many_streams(most: int) -> Problem:
    return Problem(
        503,
        "too_many_event_streams",
        f"This Director serves {most} live streams already; try again later.",
        headers={"Retry-After": "30"},
    )
