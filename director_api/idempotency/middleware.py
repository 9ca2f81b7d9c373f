"""Where a POST meets its ``Idempotency-Key``: around every public route, so that none has to know."""

import json
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from director_api.access.callers import Caller, caller_of
from director_api.database import at_each_commit
from director_api.idempotency.header import HEADER, REPLAYED, read_key
from director_api.idempotency.keys import Answer, Asked, Held, Keys
from director_api.problems import DATABASE_ERRORS, Problem, of_database, of_http, render
from director_api.vault import Vault

_OF_ACTORS = "/actor/"
_NOT_BEGUN = {400, 401, 403, 405, 413, 415, 422, 429}
"""Such a request was refused before its work began: it may be mended and sent with the same key."""
_OF_THIS_ANSWER = {"content-length", "x-request-id"}


class Idempotency:
    """Answers a repeated POST with what the first one was answered, and does nothing twice."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        given = Headers(scope=scope).getlist(HEADER) if _may_have_key(scope) else []
        if not given:
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._answer(scope, receive, read_key(given))
        except Problem as problem:
            answer = render(problem)
        except HTTPException as error:  # of the bound on the body, which was met here
            answer = render(of_http(error))
        except DATABASE_ERRORS as error:  # of the keys, outside of the routes' own handlers
            answer = render(of_database(error))
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, key: str) -> ASGIApp:
        state = scope["app"].state
        caller = await caller_of(Request(scope))
        if caller is None:
            return self._app  # which says that nobody calls here without a token
        body = await Request(scope, receive).body()
        keys: Keys = state.idempotency
        found = await keys.hold(_asked(state.vault, scope, caller, key, body))
        if isinstance(found, Answer):
            return _replayed(found)
        return await self._carried_out(scope, body, keys, found)

    async def _carried_out(self, scope: Scope, body: bytes, keys: Keys, held: Held) -> Response:
        try:
            with at_each_commit(held.mark):
                answer = await _called(self._app, scope, body)
        except Exception:
            await keys.release(held)
            raise
        if answer.status_code >= 500 or answer.status_code in _NOT_BEGUN:
            await keys.release(held)
        else:
            issues = "no-store" in answer.headers.get("cache-control", "")
            await keys.keep(held, _kept(answer), issues=issues)
        return answer


def _may_have_key(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "POST" and not scope["path"].startswith(_OF_ACTORS)


def _asked(vault: Vault, scope: Scope, caller: Caller, key: str, body: bytes) -> Asked:
    who = json.dumps([caller.who.kind, caller.who.id, key]).encode()
    content_type = Headers(scope=scope).get("content-type", "")
    what = json.dumps([scope["path"], scope["query_string"].decode("latin-1"), content_type]).encode()
    return Asked(
        vault.hash_of("idempotency key", who), vault.hash_of("idempotent request", what + b"\0" + body)
    )


async def _called(app: ASGIApp, scope: Scope, body: bytes) -> Response:
    """Call ``app`` with a body that was read already, and return its answer whole."""
    parts: list[bytes] = []
    start: MutableMapping[str, Any] = {}
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    answer = Response(b"".join(parts), start["status"])
    answer.raw_headers = list(start["headers"])
    return answer


def _kept(answer: Response) -> Answer:
    headers = tuple((n, v) for n, v in answer.headers.items() if n.lower() not in _OF_THIS_ANSWER)
    return Answer(answer.status_code, headers, bytes(answer.body))


def _replayed(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    headers = MutableHeaders(raw=response.raw_headers)
    for name, value in answer.headers:
        headers[name] = value
    headers[REPLAYED] = "true"
    return response
