"""Both halves as one ASGI app, and a server for it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.graph import entra, mail
from sandbox.graph.tenant import Tenant

_USER = "/v1.0/users/{user}"


def make_app(tenant: Tenant) -> Starlette:
    """Return the stand-in for ``tenant``."""
    app = Starlette(
        routes=[
            Route("/{tenant}/v2.0/.well-known/openid-configuration", entra.discovery),
            Route("/{tenant}/oauth2/v2.0/token", entra.token, methods=["POST"]),
            Route(f"{_USER}/messages", mail.LIST),
            Route(f"{_USER}/messages/{{message}}", mail.DELETE, methods=["DELETE"]),
            Route(f"{_USER}/mailFolders/{{folder}}", mail.FOLDER),
            Route(f"{_USER}/mailFolders/{{folder}}/messages", mail.LIST),
            Route(f"{_USER}/sendMail", mail.SEND, methods=["POST"]),
        ]
    )
    app.state.tenant = tenant
    app.add_middleware(BaseHTTPMiddleware, dispatch=_with_troubles)
    return app


async def _with_troubles(request: Request, call_next: RequestResponseEndpoint) -> Response:
    tenant: Tenant = request.app.state.tenant
    tenant.asked.append(f"{request.method} {request.url.path}?{request.url.query}")
    trouble = tenant.next_trouble(request.url.path)
    if trouble is not None:
        return Response(trouble.body, trouble.status, trouble.headers)
    return await call_next(request)


@asynccontextmanager
async def served(tenant: Tenant, certificate: Path, key: Path) -> AsyncIterator[str]:
    """Serve ``tenant`` over TLS on a free port of 127.0.0.1; yields the base URL."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        make_app(tenant),
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
