"""The Gmail API, as far as an app that reads headers may go.

https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages
"""

import base64
import re
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.servers.google.answers import refused
from tests.servers.google.project import FULL, GMAIL, METADATA, READONLY, Account, Grant, Message, Project

_READING = {METADATA, READONLY, f"{GMAIL}modify", FULL}
_HIDDEN = {"SPAM", "TRASH"}
_OF_LISTS = {"maxResults", "pageToken", "q", "labelIds", "includeSpamTrash"}
_OF_MESSAGES = {"format", "metadataHeaders"}
_ID = re.compile(r"^[0-9a-f]{1,16}$")
_AFTER = re.compile(r"^after:(\d+)$")


async def list_messages(request: Request) -> Response:
    """`GET /gmail/v1/users/{userId}/messages`, the newest first."""
    grant, account = opened(request, _OF_LISTS)
    query = request.query_params
    if "q" in query and METADATA in grant.scopes:
        raise refused(403, "forbidden", "Metadata scope does not support 'q' parameter")
    size, start = _number(query.get("maxResults", "100")), _offset(query.get("pageToken"))
    everywhere = query.get("includeSpamTrash") == "true"
    shown = [
        message
        for message in sorted(account.messages, key=lambda message: message.arrived, reverse=True)
        if message.is_visible
        and (everywhere or not _HIDDEN & set(message.labels))
        and _is_wanted(message, query.get("q", ""))
    ]
    page = shown[start : start + size]
    body: dict[str, object] = {"resultSizeEstimate": len(shown)}
    if page:
        body["messages"] = [{"id": each.id, "threadId": each.id} for each in page]
    if start + size < len(shown):
        body["nextPageToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return JSONResponse(body)


async def get_message(request: Request) -> Response:
    """`GET /gmail/v1/users/{userId}/messages/{id}`, of which this has headers alone."""
    grant, account = opened(request, _OF_MESSAGES)
    form, wanted = request.query_params.get("format", "full"), request.path_params["message"]
    if form not in {"minimal", "full", "raw", "metadata"}:
        raise refused(400, "invalidArgument", f"Invalid value at 'format': {form}")
    if form in {"full", "raw"} and METADATA in grant.scopes:
        raise refused(403, "forbidden", f"Metadata scope doesn't allow format {form.upper()}")
    if not _ID.match(wanted):
        raise refused(400, "invalidArgument", "Invalid id value")
    message = next((each for each in account.messages if each.id == wanted and each.is_visible), None)
    if message is None:
        raise refused(404, "notFound", "Requested entity was not found.")
    names = {name.lower() for name in request.query_params.getlist("metadataHeaders")}
    return JSONResponse(_shown(message, names, with_headers=form != "minimal"))


async def delete_message(request: Request) -> Response:
    """`DELETE /gmail/v1/users/{userId}/messages/{id}`, which the broadest scope alone permits."""
    _, account = opened(request, set(), {FULL})
    account.messages = [each for each in account.messages if each.id != request.path_params["message"]]
    return Response(status_code=204)


def opened(request: Request, known: set[str], needed: set[str] | None = None) -> tuple[Grant, Account]:
    """Return whose mailbox the token opens; refuse in the order in which Google does."""
    project: Project = request.app.state.project
    grant = _grant(request, project)
    if not project.gmail_enabled:
        text = "Gmail API has not been used in project 1 before or it is disabled."
        raise refused(403, "accessNotConfigured", text, "SERVICE_DISABLED")
    if not grant.scopes & (needed or _READING):
        text = "Request had insufficient authentication scopes."
        raise refused(403, "insufficientPermissions", text, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    for name in set(request.query_params) - known:
        raise refused(400, "badRequest", f'Unknown name "{name}": Cannot bind query parameter.')
    account = project.accounts.get(grant.address or "")
    if account is None:
        raise refused(400, "failedPrecondition", "Precondition check failed.")
    if request.path_params["user"] not in {"me", account.address}:
        raise refused(403, "forbidden", f"Delegation denied for {account.address}")
    if not account.has_gmail:
        raise refused(400, "failedPrecondition", "Mail service not enabled")
    return grant, account


def _grant(request: Request, project: Project) -> Grant:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    grant = project.access.get(token) if scheme == "Bearer" else None
    if grant is None or grant.ends < time.monotonic():
        raise refused(401, "authError", "Request had invalid authentication credentials.")
    return grant


def _number(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 500:
        raise refused(400, "invalidArgument", f"Invalid value at 'max_results': {text}")
    return int(text)


def _offset(token: str | None) -> int:
    try:
        return int(base64.urlsafe_b64decode(token)) if token else 0
    except ValueError:
        raise refused(400, "invalidArgument", "Invalid pageToken") from None


def _is_wanted(message: Message, query: str) -> bool:
    for term in query.split():
        if match := _AFTER.match(term):
            if message.arrived <= int(match[1]):
                return False
        elif term.lower() not in re.findall(r"\w+", message.headers["Subject"].lower()):
            return False
    return True


def _shown(message: Message, names: set[str], *, with_headers: bool) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": message.id,
        "threadId": message.id,
        "labelIds": message.labels,
        "internalDate": str(int(message.arrived * 1000)),
    }
    if with_headers:
        pairs = [
            (name, value) for name, value in message.headers.items() if not names or name.lower() in names
        ]
        shown["payload"] = {"headers": [{"name": name, "value": value} for name, value in pairs]}
    return shown
