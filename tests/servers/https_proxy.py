"""An HTTPS proxy that leads real host names to servers of the tests, over TLS that it can't read."""

import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from tests.servers.ports import HOST

_CONNECT = re.compile(rb"CONNECT (\S+) HTTP/1\.1\r\n")
_BYTES = 65_536
_LONGEST_HEAD = 16_384


class HttpsProxy:
    """Takes CONNECT (RFC 9110, section 9.3.6) to the places that `leads` names, each with a port of this machine.

    Any other is refused (403). `asked` is every place that a client named, in order.
    """

    def __init__(self, leads: Mapping[str, int]) -> None:
        self.asked: list[str] = []
        self._leads = leads
        self._listener = socket.create_server((HOST, 0))
        self.url = f"http://{HOST}:{self._listener.getsockname()[1]}"
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End, with every connection."""
        for end in (self._listener, *tuple(self._open)):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            match = _CONNECT.match(_head_of(client))
            place = match[1].decode() if match else ""
            self.asked.append(place)
            if place not in self._leads:
                client.sendall(b"HTTP/1.1 403 Not on the list\r\nContent-Length: 0\r\n\r\n")
                return
            with socket.create_connection((HOST, self._leads[place])) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self._both_ways(client, server)

    def _both_ways(self, client: socket.socket, server: socket.socket) -> None:
        ends = {client, server}
        self._open |= ends
        back = threading.Thread(target=_pump, args=(server, client), daemon=True)
        back.start()
        _pump(client, server)
        back.join()
        self._open -= ends


def _head_of(client: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _LONGEST_HEAD and (data := client.recv(_BYTES)):
        head += data
    return head


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_BYTES):
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def https_proxy(leads: Mapping[str, int]) -> Iterator[HttpsProxy]:
    """Serve until the block ends."""
    proxy = HttpsProxy(leads)
    try:
        yield proxy
    finally:
        proxy.close()
