"""How Google words its refusals.

https://developers.google.com/workspace/gmail/api/guides/handle-errors and, for the token endpoint,
https://developers.google.com/identity/protocols/oauth2/service-account#error-codes.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.stand_in import Trouble

Route = Callable[[Request], Awaitable[Response]]
_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}


class Refused(Exception):  # noqa: N818  # because it is an answer
    """Status and body of a refusal."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


def api_error(status: int, reason: str, message: str, detail: str | None = None) -> dict[str, Any]:
    """A refusal of the API; `detail` is the reason in Google's newer style, which comes beside the older."""
    error: dict[str, Any] = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": "global", "reason": reason}],
        "status": _STATUS.get(status, "UNAVAILABLE"),
    }
    if detail is not None:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": detail, "domain": "googleapis.com"}]
    return {"error": error}


def refused(status: int, reason: str, message: str, detail: str | None = None) -> Refused:
    """A refusal of the API, to be raised."""
    return Refused(status, api_error(status, reason, message, detail))


def no_token(status: int, error: str, description: str) -> Refused:
    """A refusal of the token endpoint, to be raised."""
    return Refused(status, {"error": error, "error_description": description})


def answering(route: Route) -> Route:
    """Return `route`, with its refusals as answers."""

    async def answer(request: Request) -> Response:
        try:
            return await route(request)
        except Refused as refusal:
            return JSONResponse(refusal.body, refusal.status)

    return answer


def refusing(path: str, status: int, reason: str, message: str, wait: int | None = None) -> Trouble:
    """A refusal of the API to come; `wait` is how many seconds Google asks to be left alone."""
    headers = {"Content-Type": "application/json"} | ({"Retry-After": str(wait)} if wait else {})
    return Trouble(path, status, json.dumps(api_error(status, reason, message)), headers)


def throttled(path: str, wait: int = 1) -> Trouble:
    """Google limits the requests for this mailbox."""
    return refusing(path, 403, "userRateLimitExceeded", "User-rate limit exceeded. Retry later.", wait)


def tokenless(path: str, status: int, error: str, description: str, wait: int | None = None) -> Trouble:
    """A refusal of the token endpoint to come."""
    headers = {"Content-Type": "application/json"} | ({"Retry-After": str(wait)} if wait else {})
    return Trouble(path, status, json.dumps({"error": error, "error_description": description}), headers)


def page(path: str, status: int = 200) -> Trouble:
    """What a proxy in between answers."""
    body = "<html><title>Sign in to the proxy</title></html>"
    return Trouble(path, status, body, {"Content-Type": "text/html"})
