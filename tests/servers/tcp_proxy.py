"""A TCP proxy that a test looks through, cuts, or lets fall silent."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.servers.ports import HOST

Watch = Callable[[bytes], bool]
_BYTES = 65_536
_CONNECT_SECONDS = 5.0


def _pass(_: bytes) -> bool:
    return True


class TcpProxy:
    """Forwards to ``target``, which may change at any time; without one it hangs up.

    ``from_client`` and ``from_server`` see what is about to be forwarded, in the connection's own
    thread; answering false breaks the connection in its place. While ``flowing`` is not set, what is
    sent stays away and nobody is told, as on a path that drops every packet.
    """

    def __init__(self, target: tuple[str, int] | None = None, *, host: str = HOST) -> None:
        self.target = target
        self.from_client: Watch = _pass
        self.from_server: Watch = _pass
        self.flowing = threading.Event()
        self.flowing.set()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server((host, 0))
        self.host, self.port = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def watch_nothing(self) -> None:
        """Forward everything again."""
        self.from_client = self.from_server = _pass
        self.flowing.set()

    def cut(self) -> None:
        """Break every connection that stands."""
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End."""
        self.flowing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                if self.target is None:
                    return
                server = socket.create_connection(self.target, timeout=_CONNECT_SECONDS)
            except OSError:
                return
            with server:
                server.settimeout(None)
                self._both_ways(client, server)

    def _both_ways(self, client: socket.socket, server: socket.socket) -> None:
        ends = {client, server}
        self._open |= ends
        back = threading.Thread(target=self._pump, args=(server, client, self._seen_from_server), daemon=True)
        back.start()
        self._pump(client, server, self._seen_from_client)
        back.join()
        self._open -= ends

    def _seen_from_client(self, data: bytes) -> bool:
        return self.from_client(data)  # which may have changed since the connection began

    def _seen_from_server(self, data: bytes) -> bool:
        return self.from_server(data)

    def _pump(self, source: socket.socket, sink: socket.socket, watch: Watch) -> None:
        with suppress(OSError):
            while data := source.recv(_BYTES):
                self.flowing.wait()
                if not watch(data):
                    break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def tcp_proxy(target: tuple[str, int] | None = None, *, host: str = HOST) -> Iterator[TcpProxy]:
    """Proxy until the block ends."""
    proxy = TcpProxy(target, host=host)
    try:
        yield proxy
    finally:
        proxy.close()
