"""Errors of the API: RFC 9457 ``application/problem+json`` with a stable code."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from director_api.database import DatabaseUnavailable, is_unavailable
from director_api.field_errors import FieldError, field_errors
from director_api.problem_codes import PROBLEMS
from director_api.request_ids import HEADER as REQUEST_ID
from director_api.request_ids import current_request_id

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_HTTP_CODES = {400: "invalid_body", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
"""What the framework itself refuses."""
DATABASE_ERRORS = (DBAPIError, DatabaseUnavailable, PoolTimeoutError)


class Problem(Exception):  # noqa: N818  # RFC 9457 calls it a problem
    """An error with a meaning: a status, a stable code, a sentence, and where it helps the fields."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: tuple[FieldError, ...] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})
        self.members = dict(members or {})


def not_found(what: str) -> Problem:
    """Nothing has this id, or it is not the caller's to see."""
    return Problem(404, "not_found", f"There is no {what} with this id.")


def invalid_field(pointer: str, code: str, detail: str) -> Problem:
    """One field is wrong for a reason that the schema cannot know."""
    return invalid_fields((FieldError(pointer=pointer, code=code, detail=detail),))


def invalid_fields(errors: tuple[FieldError, ...]) -> Problem:
    """Some fields are wrong."""
    return Problem(422, "invalid_request", "Some fields are wrong: see errors.", errors=errors)


class ProblemDocument(BaseModel):
    """The body of every error (RFC 9457)."""

    type: str = Field(examples=["urn:problem:invalid_request"])
    title: str
    status: int
    code: str = Field(
        description="Stable: scripts may rely on it", json_schema_extra={"enum": list[Any](PROBLEMS)}
    )
    detail: str = Field(description="A sentence for a person")
    request_id: str | None = Field(description="As in X-Request-Id and in the Director's log")
    errors: list[FieldError] | None = Field(default=None, description="The fields that are wrong")


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document errors of a route for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    return {status: {"description": _TITLES[status], "content": content} for status in statuses}


_TITLES = {
    400: "Malformed request",
    401: "Not authenticated",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "Gone",
    412: "Precondition failed",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid request",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}


def render(problem: Problem) -> JSONResponse:
    """Write a problem as its document."""
    body: dict[str, Any] = {
        "type": f"urn:problem:{problem.code}",
        "title": _TITLES.get(problem.status, "Error"),
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "request_id": current_request_id(),
        **problem.members,
    }
    if problem.errors:
        body["errors"] = [error.model_dump() for error in problem.errors]
    return JSONResponse(body, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def of_http(error: HTTPException) -> Problem:
    """Give an error of the framework its document."""
    return Problem(
        error.status_code, _HTTP_CODES[error.status_code], f"{error.detail}.", headers=error.headers
    )


def of_database(error: Exception) -> Problem:
    """Give an error of the database its document where the database is away; any other is a defect, and raised."""
    if not is_unavailable(error):
        raise error
    log.warning("the database does not answer: %s", type(error).__name__)
    return Problem(
        503, "database_unavailable", "The database does not answer, only reads, or has no room left."
    )


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _on_database)
    app.add_exception_handler(Exception, _on_defect)


async def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  # registered for this type
    return render(error)


def _says_json(request: Request) -> bool:
    media_type, _, _ = request.headers.get("content-type", "").partition(";")
    return media_type.strip().lower().endswith(("/json", "+json"))


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for this type
    raw = error.errors()
    if raw and raw[0]["type"] == "json_invalid":
        reason = raw[0].get("ctx", {}).get("error", "")
        return render(Problem(400, "invalid_json", f"The body is not JSON: {reason}."))
    if not _says_json(request) and any(tuple(each["loc"]) == ("body",) for each in raw if each["input"]):
        detail = "The body is read only as JSON: send it with Content-Type: application/json."
        return render(invalid_fields((FieldError(pointer="", code="wrong_type", detail=detail),)))
    return render(invalid_fields(field_errors(raw)))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for this type
    answer = render(of_http(error))
    if error.status_code == 405:  # the framework names the methods of the first route alone
        answer.headers["Allow"] = ", ".join(_methods_at(request))
    return answer


def _methods_at(request: Request) -> Iterable[str]:
    """Return all methods that the request's path takes (RFC 9110, section 10.2.1)."""
    for method in _METHODS:
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            yield method


async def _on_database(_request: Request, error: Exception) -> Response:
    return render(of_database(error))


async def _on_defect(_request: Request, _error: Exception) -> Response:
    # The traceback is logged by the server; the caller learns nothing of our insides.
    answer = render(
        Problem(500, "internal_error", "The Director met an error of its own; its log says more.")
    )
    answer.headers[REQUEST_ID] = current_request_id() or ""  # this answer passes outside of the middleware
    return answer
