"""Serving HTTP by the standard library, in a thread of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer

_LOOKS_UP_SECONDS = 0.05


@contextmanager
def served(server: HTTPServer) -> Iterator[int]:
    """Serve until the block ends; yields the port."""
    thread = threading.Thread(target=server.serve_forever, args=(_LOOKS_UP_SECONDS,))
    with server:
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
