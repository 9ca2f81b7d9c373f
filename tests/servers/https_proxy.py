"""An HTTPS proxy that leads real host names to servers of the tests, over TLS that it can't read."""

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.servers.ports import HOST
from tests.servers.tunnels import BYTES, Tunnels

_CONNECT = re.compile(rb"CONNECT (\S+) HTTP/1\.1\r\n")
_LONGEST_HEAD = 16_384


class HttpsProxy(Tunnels):
    """Takes CONNECT (RFC 9110, section 9.3.6) to the places that `leads` names, each with a port of this machine.

    Any other is refused (403). `asked` is every place that a client named, in order.
    """

    def __init__(self, leads: Mapping[str, int]) -> None:
        self.asked: list[str] = []
        self._leads = leads
        super().__init__()
        self.url = f"http://{HOST}:{self.port}"

    def serve(self, client: socket.socket) -> None:
        """Lead `client` to the place that it names."""
        match = _CONNECT.match(_head_of(client))
        place = match[1].decode() if match else ""
        self.asked.append(place)
        if place not in self._leads:
            client.sendall(b"HTTP/1.1 403 Not on the list\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection((HOST, self._leads[place])) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.both_ways(client, server)


def _head_of(client: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _LONGEST_HEAD and (data := client.recv(BYTES)):
        head += data
    return head


@contextmanager
def https_proxy(leads: Mapping[str, int]) -> Iterator[HttpsProxy]:
    """Serve until the block ends."""
    proxy = HttpsProxy(leads)
    try:
        yield proxy
    finally:
        proxy.close()
