"""Token introspection (RFC 7662) for mail servers: whose mailbox a token opens, as a test says."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from tests.servers.ports import HOST
from tests.servers.serving import served

Opens = Callable[[str], str | None]


@contextmanager
def introspection(opens: Opens) -> Iterator[str]:
    """Serve until the block ends; yields the URL. `opens` returns the user that a token is good for."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            username = opens(form["token"][0])
            answer = json.dumps({"active": True, "username": username} if username else {"active": False})
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # because the base calls it so
            """Stay silent."""

    with served(ThreadingHTTPServer((HOST, 0), Handler)) as port:
        yield f"http://{HOST}:{port}/introspect"
