"""What every stand-in for a cloud needs: troubles to come, what was asked, and a server with TLS on loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response


@dataclass
class Trouble:
    """An answer that is given once in place of the right one, to an address that has ``path`` in it."""

    path: str
    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class StandIn:
    """``asked`` are the addresses of all requests, in order; ``troubles`` are still to come."""

    troubles: list[Trouble] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Write a request down, and answer it: with a trouble if one is meant for it."""
        address = f"{request.url.path}?{request.url.query}"
        self.asked.append(f"{request.method} {address}")
        for trouble in self.troubles:
            if trouble.path in address:
                self.troubles.remove(trouble)
                return Response(trouble.body, trouble.status, trouble.headers)
        return await call_next(request)


@asynccontextmanager
async def served(app: Starlette, certificate: Path, key: Path) -> AsyncIterator[str]:
    """Serve ``app`` over TLS on a free port of 127.0.0.1; yields the base URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listening.close()
