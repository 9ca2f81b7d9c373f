"""A bound on what a caller may send, kept while it is read: a length that was announced may be a lie."""

from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from director_api.problems import Problem, render

DEFAULT_MAX_BODY_BYTES: Final = 4 * 1024 * 1024


class BodyLimit:
    """Answers 413 to a body of more than ``limit`` bytes, before or while it is read."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        announced = Headers(scope=scope).get("content-length", "0") if scope["type"] == "http" else "0"
        if announced.isdecimal() and int(announced[:20]) > self._limit:
            problem = Problem(413, "body_too_large", self._detail())
            await render(problem)(scope, receive, send)
            return
        read = 0

        async def receive_bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._limit:
                raise HTTPException(413, self._detail().removesuffix("."))
            return message

        await self._app(scope, receive_bounded if scope["type"] == "http" else receive, send)

    def _detail(self) -> str:
        return f"A body may have {self._limit} bytes at most."
