"""Loaded into schemathesis's process: a check beside its own, and what keeps a run short.

A schema can't know what is stored. Where a body that fits it is refused, each reason must be one that
lies there, or in a text whose grammar no pattern can tell: everything else the schema has to say.
"""

from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext
from schemathesis.core.transport import Response

STORED = {
    "actor_not_found",
    "actor_not_in_zone",
    "cursor_mismatch",
    "private_address",
    "secret_required",
    "security_zone_not_found",
    "taken",
}
SECRETS = ("/password", "/client_secret", "/service_account_json")
"""Required of a change where none is stored."""
GRAMMAR = {
    "actor_id",  # of a query, which has no schema of its own: not together with security_zone_id
    "address",
    "ca_certificate",
    "cursor",
    "email_address",
    "expires_at",
    "from_address",
    "host",
    "mailbox",
    "service_account_json",
    "url",
    "x",
}
HELD = {
    "/events": "seconds",
    "/verifications/{verification_id}": "wait",
    "/connectivity-checks/{check_id}": "wait",
}


@schemathesis.check
def refused_for_what_is_stored(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """Compare the reasons of a refusal with those that no schema can name."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code != 422:
        return
    if case.media_type == "text/csv":
        return  # to the schema a table is a text
    if case.method == "PATCH" and case.path == "/email-profiles/{profile_id}":
        return  # whether a patch fits is told by the profile that it is merged into
    problem = response.json()
    wrong = [error for error in problem.get("errors") or () if not _excused(case.method, **error)]
    assert problem["code"] in ("invalid_request", "idempotency_key_reused")
    assert not wrong, f"the schema should know this: {wrong}"


def _excused(method: str, code: str, pointer: str, detail: str) -> bool:
    if code in STORED:
        return True
    if code == "required":
        return (method == "PUT" and pointer.endswith(SECRETS)) or "actor_ids" in detail
    return pointer.rpartition("/")[2] in GRAMMAR and code in (
        "invalid_value",
        "not_possible",
        "https_required",
    )


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:  # noqa: ARG001  # because the names are part of the interface
    """Let nothing be held: what waits is tested elsewhere."""
    query, body = dict(case.query or {}), case.body
    if (name := HELD.get(case.path)) is not None and str(query.get(name, 0)).replace(".", "", 1).isdigit():
        case.query = {**query, name: 0}
    if case.path == "/provider-presets" and {"actor_id", "security_zone_id"} & query.keys():
        case.query = {name: value for name, value in query.items() if name != "address"}
    if case.path == "/actor/leases" and isinstance(body, dict) and _waits(body.get("wait_seconds", 60)):
        body["wait_seconds"] = 0


def _waits(value: object) -> bool:
    return isinstance(value, int | float) and value > 0
