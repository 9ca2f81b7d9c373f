"""Accepting connections and leading each to another server, until somebody ends it."""

import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress

from tests.servers.ports import HOST

Watch = Callable[[bytes], bool]
BYTES = 65_536


def passed(_: bytes) -> bool:
    """Let everything through."""
    return True


class Tunnels(ABC):
    """Gives each connection to `serve`, in a thread of its own."""

    def __init__(self, *, host: str = HOST) -> None:
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server((host, 0))
        self.host, self.port = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    @abstractmethod
    def serve(self, client: socket.socket) -> None:
        """Do what is to be done for `client`; it is closed afterwards."""

    def cut(self) -> None:
        """Break every connection that stands."""
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End, with every connection."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def both_ways(
        self,
        client: socket.socket,
        server: socket.socket,
        from_client: Watch = passed,
        from_server: Watch = passed,
    ) -> None:
        """Forward what each end says until one of them, or what watches it, has enough."""
        ends = {client, server}
        self._open |= ends
        back = threading.Thread(target=_pump, args=(server, client, from_server), daemon=True)
        back.start()
        _pump(client, server, from_client)
        back.join()
        self._open -= ends

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            self.serve(client)


def _pump(source: socket.socket, sink: socket.socket, watch: Watch) -> None:
    with suppress(OSError):
        while data := source.recv(BYTES):
            if not watch(data):
                break
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
