"""Both halves as one ASGI app, and as a server beside tests that are not asynchronous."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.routing import Route

from tests.servers.google import gmail, sending, sign_in
from tests.servers.google.answers import answering
from tests.servers.google.project import Project
from tests.servers.stand_in import serving

_MESSAGES = "/gmail/v1/users/{user}/messages"


def make_app(project: Project) -> Starlette:
    """The stand-in for `project`."""
    app = Starlette(
        routes=[
            Route("/o/oauth2/v2/auth", sign_in.authorize),
            Route("/token", answering(sign_in.token), methods=["POST"]),
            Route(_MESSAGES, answering(gmail.list_messages)),
            Route(f"{_MESSAGES}/send", answering(sending.send_message), methods=["POST"]),
            Route(f"{_MESSAGES}/{{message}}", answering(gmail.get_message)),
            Route(f"{_MESSAGES}/{{message}}", answering(gmail.delete_message), methods=["DELETE"]),
        ]
    )
    app.state.project = project
    app.state.codes = {}
    app.add_middleware(BaseHTTPMiddleware, dispatch=project.dispatch)
    return app


@dataclass(frozen=True)
class GoogleService:
    """Where it is, what it knows, and the authority that vouches for it."""

    url: str
    project: Project
    ca_file: Path

    @property
    def port(self) -> int:
        """Where it listens."""
        return urlsplit(self.url).port or 0

    @property
    def environment(self) -> dict[str, str]:
        """The settings of an Actor that is to use it."""
        return {
            "ACTOR_GMAIL_ROOT": self.url,
            "ACTOR_GOOGLE_TOKEN_URL": f"{self.url}/token",
            "ACTOR_CA_FILE": str(self.ca_file),
        }


@contextmanager
def google_service(folder: Path, *names: str) -> Iterator[GoogleService]:
    """Serve an empty project, by further `names` too."""
    project = Project()
    with serving(make_app(project), folder, *names) as (url, ca_file):
        yield GoogleService(url, project, ca_file)
