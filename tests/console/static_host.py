"""A host of files alone, as any web server is one."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from director_api.console import IN_A_CHECKOUT
from tests.servers.debian import require_node
from tests.servers.ports import HOST
from tests.servers.serving import served


class _Files(SimpleHTTPRequestHandler):
    """Serves files with the policy that the Director sends, and keeps quiet."""

    def __init__(self, director: str, *arguments: object, **named: object) -> None:
        own = "; ".join(f"{kind}-src 'self'" for kind in ("script", "style", "img"))
        self._policy = f"default-src 'none'; {own}; connect-src 'self' {director}; base-uri 'none'"
        super().__init__(*arguments, **named)  # type: ignore[arg-type]  # the server's, handed on as they are

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self._policy)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def static_host(folder: Path, director: str) -> Iterator[str]:
    """Serve the built console below `/console/` from an origin of its own; yields that origin."""
    require_node()  # which builds it
    shutil.copytree(IN_A_CHECKOUT, folder / "console")
    (folder / "console" / "config.json").write_text(json.dumps({"director": director}))
    with served(ThreadingHTTPServer((HOST, 0), partial(_Files, director, directory=str(folder)))) as port:
        yield f"http://{HOST}:{port}"
