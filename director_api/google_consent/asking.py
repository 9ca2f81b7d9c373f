"""How Google's library asks: through the client of the event loop, with all its bounds."""

import io
from typing import Any

import requests
from requests.adapters import BaseAdapter

from mail_transport.web import Line

# What belongs to the client, which decodes nothing and keeps its own connections.
_OF_THE_CLIENT = {"accept-encoding", "connection", "content-length", "user-agent"}


class ByLine(BaseAdapter):
    """Part of the library's interface: what a session hands its requests to."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]  # because the client has its own options
        """Return the answer. Raises MailFailure when there is none."""
        fields = {
            name: value for name, value in request.headers.items() if name.lower() not in _OF_THE_CLIENT
        }
        content = request.body.encode() if isinstance(request.body, str) else request.body
        asked = self._line.ask(request.method or "GET", request.url or "", fields, content)
        response = requests.Response()
        response.request, response.url = request, request.url or ""
        response.status_code = asked.status
        response.headers.update(asked.headers)
        response.encoding = requests.utils.get_encoding_from_headers(response.headers)
        response.raw = io.BytesIO(asked.body)
        return response

    def close(self) -> None:
        """Part of the library's interface; the client belongs to whoever made it."""


def lead(session: requests.Session, line: Line) -> None:
    """Let all that ``session`` asks be asked by ``line``. The environment's proxies are never used."""
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, ByLine(line))
