"""Measuring requests: by the route that took them, never by the path that was asked for."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from director_api.metrics.instruments import UNROUTED, Metrics

_NOT_ANSWERED = 499
"""The caller went away first."""


class Measured:
    """Counts each request and the time until its answer began."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, answered = perf_counter(), False

        def count(status: int) -> None:
            nonlocal answered
            route = getattr(scope.get("route"), "path_format", UNROUTED)
            self._metrics.answered(scope["method"], route, status, perf_counter() - begun)
            answered = True

        async def send_measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                count(message["status"])
            await send(message)

        status = _NOT_ANSWERED
        try:
            await self._app(scope, receive, send_measured)
        except Exception:
            status = 500  # which is answered further out
            raise
        finally:
            if not answered:
                count(status)
