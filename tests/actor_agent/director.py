"""A small Director for the Actor to talk to: real HTTP on loopback, the wire models on both ends.

It keeps what it was told and lets a test wait for it, refuse, lose answers, go away and come back.
"""

import asyncio
import json
import socket
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from uuid import UUID, uuid4

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from wire_contract.enrollment import ActorStatus, EnrollRequest, PublicKey, RotateRequest
from wire_contract.jobs import LeaseRequest
from wire_contract.results import LeaseUpdate, Result

HOST = "127.0.0.1"
PATIENCE_SECONDS = 20.0
DIRECTORS_TIME = datetime(2050, 1, 1, tzinfo=UTC)
"""Far from the Actor's own, so that a test fails where the Actor trusts its calendar."""
TOKEN = "enrollment-token-for-tests"


class FakeDirector:
    """What the Director knows, and what it is told to do next."""

    def __init__(self, *, poll_seconds: float = 60, renew_seconds: float = 20) -> None:
        self.poll_seconds = poll_seconds
        self.renew_seconds = renew_seconds
        self.keys: dict[str, PublicKey] = {}
        self.credentials: dict[str, UUID] = {}
        self.calls: list[tuple[str, str]] = []
        self.standing_polls: list[LeaseRequest] = []
        self.statuses: list[ActorStatus] = []
        self.updates: dict[str, list[LeaseUpdate]] = defaultdict(list)
        self.results: dict[str, Result] = {}
        self.renewals: dict[str, dict[str, Any]] = {}
        self.search_seconds_left: float | None = None
        self._answers: dict[str, deque[Response]] = defaultdict(deque)
        self._work: deque[dict[str, Any]] = deque()
        self._changed = asyncio.Condition()
        self._listener = _listener()
        self.port: int = self._listener.getsockname()[1]
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it listens, whether or not it does at the moment."""
        return f"http://{HOST}:{self.port}"

    async def start(self) -> None:
        """Listen, on the same port each time."""
        listener = self._listener if self._listener.fileno() >= 0 else _listener(self.port)
        config = uvicorn.Config(
            self._app(),
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=5,
            date_header=False,
            headers=[("Date", format_datetime(DIRECTORS_TIME, usegmt=True))],
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve([listener]))
        await self._server.listening.wait()

    async def stop(self) -> None:
        """Vanish as a machine does that loses its power: connections end without an answer."""
        assert self._server is not None
        assert self._serving is not None
        self._server.should_exit = True
        for server in self._server.servers:
            server.close()
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()
        for task in list(self._server.server_state.tasks):
            task.cancel()
        await self._serving
        self._listener.close()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until ``condition`` holds; the test fails when it never does."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
            await self._changed.wait_for(lambda: bool(condition()))

    async def give(self, *leases: dict[str, Any], control: str | None = None) -> None:
        """Have the next poll answered with ``leases``."""
        self._work.append(
            {"leases": list(leases), "control": {"action": control} if control is not None else None}
        )
        await self._notify()

    async def revoke_all(self) -> None:
        """Accept no credential any more; a held poll ends."""
        self.credentials.clear()
        await self._notify()

    def answer_next(self, route: str, *answers: Response) -> None:
        """Answer the next requests of ``route`` so, before anything is done about them."""
        self._answers[route].extend(answers)

    def called(self, route: str) -> int:
        """Return how often ``route`` was asked."""
        return sum(name == route for name, _ in self.calls)

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/health/live", self._health),
                Route("/actor/enroll", self._enroll, methods=["POST"]),
                Route("/actor/leases", self._poll, methods=["POST"]),
                Route("/actor/leases/{lease_id}", self._update, methods=["PATCH"]),
                Route("/actor/leases/{lease_id}/result", self._result, methods=["POST"]),
                Route("/actor/status", self._status, methods=["PUT"]),
                Route("/actor/credential/rotate", self._rotate, methods=["POST"]),
            ]
        )

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _enroll(self, request: Request) -> Response:
        asked = EnrollRequest.model_validate_json(await self._body("enroll", request))
        token = asked.token.get_secret_value()
        if token != TOKEN or self.keys.get(token, asked.public_key) != asked.public_key:
            return problem(401, "token_refused", "This enrollment token is not valid.")
        self.keys[token] = asked.public_key
        credential = f"actor-credential-{len(self.credentials)}"
        self.credentials[credential] = uuid4()
        identity = {"actor_id": str(self.credentials[credential]), "credential": credential}
        intervals = {"poll_seconds": self.poll_seconds, "renew_seconds": self.renew_seconds}
        return self._scripted("enroll") or JSONResponse(identity | intervals, 201)

    async def _poll(self, request: Request) -> Response:
        asked = LeaseRequest.model_validate_json(await self._body("poll", request))
        if scripted := self._scripted("poll"):
            return scripted
        async with self._standing(asked):
            await _either(self._work_or_revoked(request), _hung_up(request))
        if not self._work and self._knows(request):
            return Response(status_code=204)  # whoever asked has hung up
        if not self._knows(request):
            return problem(401, "credential_revoked", "This Actor was revoked.")
        return JSONResponse(self._work.popleft())

    async def _work_or_revoked(self, request: Request) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._work or not self._knows(request))

    async def _update(self, request: Request) -> Response:
        update = LeaseUpdate.model_validate_json(await self._body("update", request))
        if refused := self._refusal("update", request):
            return refused
        lease_id = request.path_params["lease_id"]
        self.updates[lease_id].append(update)
        await self._notify()
        if update.hand_back:
            return Response(status_code=204)
        answer: dict[str, Any] = {"expires_at": "2050-01-01T00:01:00Z", "state": "continue"}
        answer["search_seconds_left"] = self.search_seconds_left
        return JSONResponse(answer | self.renewals.get(lease_id, {}))

    async def _result(self, request: Request) -> Response:
        result = Result.model_validate_json(await self._body("result", request))
        if refused := self._refusal("result", request):
            return refused
        self.results[request.path_params["lease_id"]] = result
        await self._notify()
        return JSONResponse({"state": "unverified" if result.failure_code else "verified"})

    async def _status(self, request: Request) -> Response:
        status = ActorStatus.model_validate_json(await self._body("status", request))
        if refused := self._refusal("status", request):
            return refused
        self.statuses.append(status)
        await self._notify()
        return Response(status_code=204)

    async def _rotate(self, request: Request) -> Response:
        RotateRequest.model_validate_json(await self._body("rotate", request))
        if refused := self._refusal("rotate", request):
            return refused
        credential = f"actor-credential-{len(self.credentials)}"
        self.credentials[credential] = next(iter(self.credentials.values()))
        return JSONResponse({"credential": credential})

    async def _body(self, route: str, request: Request) -> bytes:
        body = await request.body()
        self.calls.append((route, body.decode()))
        await self._notify()
        return body

    def _refusal(self, route: str, request: Request) -> Response | None:
        if not self._knows(request):
            return problem(401, "credential_revoked", "This Actor was revoked.")
        return self._scripted(route)

    def _scripted(self, route: str) -> Response | None:
        return self._answers[route].popleft() if self._answers[route] else None

    def _knows(self, request: Request) -> bool:
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self.credentials

    @asynccontextmanager
    async def _standing(self, asked: LeaseRequest) -> AsyncIterator[None]:
        self.standing_polls.append(asked)
        await self._notify()
        try:
            yield
        finally:
            self.standing_polls.remove(asked)
            await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to pytest."""
        yield


async def _either(*ways: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def problem(status: int, code: str, detail: str, **headers: str) -> Response:
    """Make an error answer (RFC 9457)."""
    body = {"type": f"urn:problem:{code}", "title": "Error", "status": status, "code": code, "detail": detail}
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def lost_answer() -> Response:
    """Make an answer whose connection ends before its body does."""
    return StreamingResponse(iter([b"{"]), headers={"Content-Length": "1000"})


def lease(**fields: Any) -> dict[str, Any]:
    """Make a lease of a check, as JSON; ``fields`` replace what is there."""
    return json.loads(json.dumps(_LEASE | {"id": str(uuid4()), "check_id": str(uuid4())} | fields))  # type: ignore[no-any-return]  # JSON


_LEASE: dict[str, Any] = {
    "kind": "check",
    "expires_at": "2050-01-01T00:01:00Z",
    "locator": "Ab3_-xyZ",
    "since": "2026-11-22T12:00:00Z",
    "folders": ["INBOX"],
    "target": {
        "server_type": "imap",
        "incoming": {"host": HOST, "port": 1, "encryption": "none", "authentication": "plain"},
    },
    "sealed": "not.sealed.at.all.",
}


def _listener(port: int = 0) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    return listener
