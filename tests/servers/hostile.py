"""A mail server that plays whatever script a test gives it, however ill-mannered."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers.certificates import ServerCertificate
from tests.servers.ports import HOST


@dataclass
class Peer:
    """The client at the other end; `heard` is every line that it sent."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: list[bytes] = field(default_factory=list)

    async def line(self) -> bytes:
        """Read a line; the end of the connection is an empty one."""
        line = await self.reader.readline()
        self.heard.append(line)
        return line

    async def send(self, *lines: bytes) -> None:
        """Send `lines`, each with CRLF, in one packet."""
        await self.send_raw(b"".join(line + b"\r\n" for line in lines))

    async def send_raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()
        # Over TLS nothing above waits once the client is gone, and the loop could never tell so.
        await asyncio.sleep(0)

    async def command(self) -> tuple[bytes, bytes]:
        """Read a command; return its tag, and the rest of it."""
        tag, _, rest = (await self.line()).rstrip(b"\r\n").partition(b" ")
        return tag, rest

    async def until_closed(self) -> None:
        """Swallow what the client says until it goes."""
        while await self.line():
            pass


Script = Callable[[Peer], Awaitable[None]]


@dataclass
class HostileServer:
    """A running server; `peers` are its clients so far."""

    port: int
    host: str = HOST
    peers: list[Peer] = field(default_factory=list)

    @property
    def heard(self) -> bytes:
        """All that any client sent in lines."""
        return b"".join(line for peer in self.peers for line in peer.heard)


@asynccontextmanager
async def hostile_server(
    script: Script,
    *,
    certificate: ServerCertificate | None = None,
    context: ssl.SSLContext | None = None,
    listener: socket.socket | None = None,
) -> AsyncIterator[HostileServer]:
    """Play `script` to each client; with `certificate` (or a whole `context`) over TLS from the start.

    It listens on a port of this machine, or with `listener`, which it closes.
    """
    playing: set[asyncio.Task[None]] = set()
    peers: list[Peer] = []

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        playing.add(task)
        peer = Peer(reader, writer)
        peers.append(peer)
        try:
            # A cancelled handler would be logged as an error by asyncio.
            with suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
                await script(peer)
        finally:
            writer.transport.abort()

    tls = context or (server_context(certificate) if certificate else None)
    listening = listener or socket.create_server((HOST, 0))
    server = await asyncio.start_server(play, sock=listening, ssl=tls)
    try:
        yield HostileServer(server.sockets[0].getsockname()[1], peers=peers)
    finally:
        server.close()
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
        await asyncio.sleep(0)  # the aborted transports close in the loop's next turn


def server_context(certificate: ServerCertificate) -> ssl.SSLContext:
    """A TLS server's context that shows `certificate`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        context.load_cert_chain(*certificate.write(Path(folder)))
    return context
