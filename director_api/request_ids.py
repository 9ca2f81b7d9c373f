"""``X-Request-Id``: one name for a request in its answer, in the log and in the audit log."""

import logging
import re
from contextvars import ContextVar
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from director_api.clock import new_id

HEADER: Final = "X-Request-Id"
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}")
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def current_request_id() -> str | None:
    """Return the id of the request that is being answered, or null outside of one."""
    return _current.get()


class RequestIds:
    """Takes a caller's id when it is well formed, makes one otherwise, and gives it back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _WELL_FORMED.fullmatch(given) else str(new_id())
        # Never taken back: the server logs a defect after this has returned, and each request has a
        # context of its own.
        _current.set(request_id)

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        await self._app(scope, receive, send_named)


class RequestIdFilter(logging.Filter):
    """Gives log records the id of the request that they were written for, as ``request_id``."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with its id."""
        record.request_id = _current.get() or "-"
        return True
