"""Holding idle polls in front of the application, where one costs a third of what it costs inside.

This only delays a poll. When there may be work, the time is over or the Director stops, it goes on to its
route, which authenticates, decides and answers, and holds it for the rest of its time where need be.
Whatever is not a plain poll of a known Actor goes on at once.
"""

import asyncio
from typing import Final

from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from director_api.actor_protocol.board import WorkBoard
from director_api.actor_protocol.roster import ActorIdentity, Roster
from director_api.actors.presence import Presence
from director_api.problems import DATABASE_ERRORS
from director_api.wakeups import Waiter
from wire_contract.jobs import LeaseRequest

HELD: Final = "director.held"
"""In the scope of a request that was held here: when it came, by the loop's clock."""
_BEARER: Final = b"Bearer "


class HeldPolls:
    """Holds each ``POST`` to ``path`` while its Actor has nothing to do."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, later maybe."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == self._path:
            first = await receive()
            if await _held(scope, first, receive):
                return  # the caller went away
            receive = _again(first, receive)
        await self._app(scope, receive, send)


async def _held(scope: Scope, first: Message, receive: Receive) -> bool:
    """Hold a poll for as long as it asks. Returns whether its caller went away meanwhile."""
    state = scope["app"].state
    seconds = _wait_seconds(first)
    identity = await _caller(scope, state.roster) if seconds else None
    if identity is None:
        return False
    board: WorkBoard = state.board
    presence: Presence = state.presence
    scope[HELD] = asyncio.get_running_loop().time()
    poll = Waiter()
    gone = asyncio.ensure_future(_wake_when_gone(receive, poll))
    try:
        with presence.polling(identity.id):
            await board.rest(identity.id, seconds, poll)
            return gone.done()
    finally:
        gone.cancel()


def _wait_seconds(first: Message) -> float:
    if first["type"] != "http.request" or first.get("more_body"):
        return 0.0
    try:
        return LeaseRequest.model_validate_json(first["body"]).wait_seconds
    except ValidationError:
        return 0.0


async def _caller(scope: Scope, roster: Roster) -> ActorIdentity | None:
    for name, value in scope["headers"]:
        if name == b"authorization" and value.startswith(_BEARER):
            try:
                return await roster.find(value.removeprefix(_BEARER).decode("latin-1"))
            except DATABASE_ERRORS:  # its route meets the same, and answers it
                return None
    return None


async def _wake_when_gone(receive: Receive, poll: Waiter) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    poll.wake()


def _again(first: Message, receive: Receive) -> Receive:
    """Give the message that was read once more, then what follows it."""
    unread = [first]

    async def receive_again() -> Message:
        return unread.pop() if unread else await receive()

    return receive_again
