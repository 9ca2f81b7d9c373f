"""The two OpenAPI documents: what people and scripts call, and what Actors call."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from director_api.idempotency.header import HEADER, LONGEST, PATTERN, REPLAYED
from director_api.lengths import lengths_of
from director_api.limits import Limits
from director_api.patch_document import MERGE_PATCH, add_profile_patch
from director_api.problems import ProblemDocument, responses

API_VERSION = "0.1.0"
SUMMARY = "Owns email profiles and their verification from each Actor"
_SCHEMAS = "#/components/schemas/{model}"


_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": LONGEST, "pattern": PATTERN},
    "description": "Names this request for 24 h: who repeats it gets the same answer, and nothing is done twice",
}
_REPLAYED = {
    "schema": {"type": "string", "const": "true"},
    "description": "The answer is that of an earlier request",
}
_SECONDS = {"schema": {"type": "integer", "minimum": 1}, "description": "Seconds to wait"}


def operation_id(route: APIRoute) -> str:
    """Name a route as generated clients do: by its function."""
    return route.name


def director_document(app: FastAPI) -> dict[str, Any]:
    """Return the document of the public API, with the limits that ``app`` keeps."""
    limits: Limits = app.state.limits
    with lengths_of(limits.lengths):
        document = _document("Director", app.routes)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "limit":
                    parameter["schema"]["maximum"] = limits.page_items
            if method == "post":
                _take_key(operation)
            if not path.startswith("/health/"):
                _limit_rate(operation)
            if "401" in operation["responses"]:  # the issuer of access tokens may be away
                _may_answer(operation, 503)
    patched = document["paths"]["/email-profiles/{profile_id}"]["patch"]["requestBody"]["content"]
    patched[MERGE_PATCH]["schema"] = add_profile_patch(document["components"]["schemas"])
    imported = document["paths"]["/email-profiles/import"]["post"]["requestBody"]["content"]
    imported["application/json"]["schema"]["maxItems"] = limits.import_profiles
    return document


def actor_document(routes: list[BaseRoute]) -> dict[str, Any]:
    """Return the document of the Actor protocol."""
    return _document("Director: Actor protocol", routes)


def _document(title: str, routes: list[BaseRoute]) -> dict[str, Any]:
    document = get_openapi(
        title=title, version=API_VERSION, summary=SUMMARY, routes=routes, servers=[{"url": "/"}]
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    problem = ProblemDocument.model_json_schema(ref_template=_SCHEMAS)
    schemas.update(problem.pop("$defs", {}))
    schemas["ProblemDocument"] = problem
    for schema in ("HTTPValidationError", "ValidationError"):
        schemas.pop(schema, None)
    for path in document["paths"].values():
        for operation in path.values():
            _drop_default_422(operation)
            for parameter in operation.get("parameters", ()):
                _without_null(parameter["schema"])
            operation.setdefault("security", [])  # which says that a route is open
            if "requestBody" in operation:
                _may_answer(operation, 413)
    return document


def _without_null(schema: dict[str, Any]) -> None:
    """An optional parameter may be left out, but there is no way to write null in a URL or a header."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        del schema["anyOf"]
        schema.update(options[0])


def _take_key(operation: dict[str, Any]) -> None:
    operation.setdefault("parameters", []).append(_KEY)
    _may_answer(operation, 400, 409, 422)
    for status, said in operation["responses"].items():
        if status.startswith("2"):
            said.setdefault("headers", {})[REPLAYED] = _REPLAYED


def _limit_rate(operation: dict[str, Any]) -> None:
    _may_answer(operation, 429)
    operation["responses"]["429"]["headers"] = {"Retry-After": _SECONDS}


def _may_answer(operation: dict[str, Any], *statuses: int) -> None:
    for status, said in responses(*statuses).items():
        operation["responses"].setdefault(str(status), said)


def _drop_default_422(operation: dict[str, Any]) -> None:
    answer = operation["responses"].get("422", {})
    answer.get("content", {}).pop("application/json", None)
