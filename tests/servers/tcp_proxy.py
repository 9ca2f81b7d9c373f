"""A TCP proxy that a test looks through, cuts, or lets fall silent."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.ports import HOST
from tests.servers.tunnels import Tunnels, Watch, passed

_CONNECT_SECONDS = 5.0


class TcpProxy(Tunnels):
    """Forwards to ``target``, which may change at any time; without one it hangs up.

    ``from_client`` and ``from_server`` see what is about to be forwarded, in the connection's own
    thread; answering false breaks the connection in its place. While ``flowing`` is not set, what is
    sent stays away and nobody is told, as on a path that drops every packet.
    """

    def __init__(self, target: tuple[str, int] | None = None, *, host: str = HOST) -> None:
        self.target = target
        self.from_client: Watch = passed
        self.from_server: Watch = passed
        self.flowing = threading.Event()
        self.flowing.set()
        super().__init__(host=host)

    def watch_nothing(self) -> None:
        """Forward everything again."""
        self.from_client = self.from_server = passed
        self.flowing.set()

    def close(self) -> None:
        """End."""
        self.flowing.set()
        super().close()

    def serve(self, client: socket.socket) -> None:
        """Lead `client` to the target."""
        if self.target is None:
            return
        with socket.create_connection(self.target, timeout=_CONNECT_SECONDS) as server:
            server.settimeout(None)
            self.both_ways(client, server, self._seen_from_client, self._seen_from_server)

    def _seen_from_client(self, data: bytes) -> bool:
        self.flowing.wait()
        return self.from_client(data)  # which may have changed since the connection began

    def _seen_from_server(self, data: bytes) -> bool:
        self.flowing.wait()
        return self.from_server(data)


@contextmanager
def tcp_proxy(target: tuple[str, int] | None = None, *, host: str = HOST) -> Iterator[TcpProxy]:
    """Proxy until the block ends."""
    proxy = TcpProxy(target, host=host)
    try:
        yield proxy
    finally:
        proxy.close()
