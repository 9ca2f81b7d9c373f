"""Both halves as one ASGI app."""

from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
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
    app.add_middleware(BaseHTTPMiddleware, dispatch=tenant.dispatch)
    return app
