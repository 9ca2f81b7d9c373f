"""The Graph half: messages of a mailbox, as far as the documentation lets an app with little permission go.

Sources: "List messages", "Get mailFolder", "user: sendMail", "Outlook service limits" (four requests at
once for an app and a mailbox), all learn.microsoft.com/graph.
"""

import time
import uuid
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.graph.entra import app_of
from sandbox.graph.outgoing import read_outgoing
from sandbox.graph.query import Refused, parse, prefers_immutable_ids, skip_token
from sandbox.graph.tenant import App, Mailbox, Tenant

AT_ONCE = 4
A_MINUTE = 30
_JUNK_AND_DELETED = {"junkemail", "deleteditems"}
_FOLDERS = {"inbox": "Inbox", "junkemail": "Junk-E-Mail", "deleteditems": "Deleted Items"}
_READ = {"Mail.ReadBasic.All", "Mail.ReadBasic", "Mail.Read", "Mail.ReadWrite"}
Route = Callable[[Request, App, Mailbox], Awaitable[Response]]


def guarded(route: Route, needed: set[str]) -> Callable[[Request], Awaitable[Response]]:
    """Return ``route`` behind token, permission, policy, mailbox and limit, in Graph's order."""

    async def answer(request: Request) -> Response:
        try:
            app, mailbox = _allowed(request, needed)
            return await _in_turn(request, app, mailbox, route)
        except Refused as refused:
            return _error(refused)

    return answer


def _allowed(request: Request, needed: set[str]) -> tuple[App, Mailbox]:
    tenant: Tenant = request.app.state.tenant
    app, name = app_of(request), request.path_params["user"].lower()
    if app is None:
        raise Refused(401, "InvalidAuthenticationToken", "Access token validation failure.")
    if not app.roles & needed:
        raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    mailbox = tenant.mailboxes.get(name)
    if mailbox is None:
        raise Refused(404, "ErrorInvalidUser", f"The requested user '{name}' is invalid.")
    if app.mailboxes is not None and name not in app.mailboxes:
        text = "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings."
        raise Refused(403, "ErrorAccessDenied", text)
    if not mailbox.is_enabled:
        text = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        raise Refused(404, "MailboxNotEnabledForRESTAPI", text)
    return app, mailbox


async def _in_turn(request: Request, app: App, mailbox: Mailbox, route: Route) -> Response:
    under_way = request.app.state.tenant.under_way
    turn = f"{app.client_id} {mailbox.principal_name}"
    if under_way[turn] >= AT_ONCE:
        raise Refused(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.")
    under_way[turn] += 1
    try:
        return await route(request, app, mailbox)
    finally:
        under_way[turn] -= 1


def _error(refused: Refused) -> JSONResponse:
    request_id = str(uuid.uuid4())
    inner = {"request-id": request_id, "client-request-id": request_id}
    body = {"error": {"code": refused.code, "message": refused.message, "innerError": inner}}
    headers = {"request-id": request_id} | ({"Retry-After": "1"} if refused.status == 429 else {})
    return JSONResponse(body, refused.status, headers)


async def list_messages(request: Request, app: App, mailbox: Mailbox) -> Response:
    """``GET /users/{id}/messages`` and ``GET /users/{id}/mailFolders/{folder}/messages``."""
    query = parse(request.query_params, app.roles)
    immutable = prefers_immutable_ids(request.headers.get("prefer"))
    folder = request.path_params.get("folder")
    if folder is not None and folder not in _FOLDERS:
        raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    shown = [
        message
        for message in mailbox.messages
        if message.is_visible
        and (message.folder == folder if folder else message.folder not in _JUNK_AND_DELETED)
        and query.admits(message.received)
    ]
    shown.sort(key=lambda message: message.received, reverse=query.newest_first)
    page = shown[query.offset : query.offset + query.top]
    body: dict[str, object] = {
        "value": [message.shown(query.fields, immutable=immutable) for message in page]
    }
    if query.offset + query.top < len(shown):
        again = dict(request.query_params) | {"$skiptoken": skip_token(query.offset + query.top)}
        body["@odata.nextLink"] = f"{request.url.replace(query='')}?{urlencode(again)}".replace("??", "?")
    return JSONResponse(body)


async def get_folder(request: Request, app: App, mailbox: Mailbox) -> Response:  # noqa: ARG001  # because it is a route
    """``GET /users/{id}/mailFolders/{folder}``."""
    folder = request.path_params["folder"]
    if folder not in _FOLDERS:
        raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    return JSONResponse({"id": folder, "displayName": _FOLDERS[folder]})


async def delete_message(request: Request, app: App, mailbox: Mailbox) -> Response:  # noqa: ARG001  # because it is a route
    """``DELETE /users/{id}/messages/{message}``."""
    immutable = prefers_immutable_ids(request.headers.get("prefer"))
    for message in mailbox.messages:
        if message.id_for(immutable=immutable) == request.path_params["message"]:
            message.folder = "deleteditems"
            return Response(status_code=204)
    raise Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")


async def send_mail(request: Request, app: App, mailbox: Mailbox) -> Response:  # noqa: ARG001  # because it is a route
    """``POST /users/{id}/sendMail`` with a message in JSON; it arrives in the mailboxes of the tenant."""
    tenant: Tenant = request.app.state.tenant
    outgoing = read_outgoing(await request.body(), request.headers.get("content-type", ""))
    _within_the_minute(mailbox)
    for name in outgoing.to:
        if name in tenant.mailboxes:
            tenant.mailboxes[name].receive(outgoing.subject)
    if outgoing.is_kept:
        mailbox.sent.append(outgoing.subject)
    return Response(status_code=202, headers={"request-id": str(uuid.uuid4())})


def _within_the_minute(mailbox: Mailbox) -> None:
    """Exchange Online takes 30 messages a minute from a mailbox ("Exchange Online limits")."""
    now = time.monotonic()
    mailbox.sent_at = [at for at in mailbox.sent_at if at > now - 60]
    if len(mailbox.sent_at) >= A_MINUTE:
        raise Refused(429, "ApplicationThrottled", "Application is over its MessageRate limit.")
    mailbox.sent_at.append(now)


LIST = guarded(list_messages, _READ)
FOLDER = guarded(get_folder, _READ)
DELETE = guarded(delete_message, {"Mail.ReadWrite"})
SEND = guarded(send_mail, {"Mail.Send"})
