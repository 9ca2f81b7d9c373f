"""A Director, or a proxy, that has nothing to say: for the way there and what goes over it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actor_agent.director_http import DirectorHttp
from tests.actor_agent.director import HOST

_SECONDS = 10.0


class Listener:
    """Answers each request with 204 and keeps its head; a ``CONNECT`` is refused."""

    def __init__(self) -> None:
        self.heads: list[list[str]] = []
        self.connections = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client until it leaves."""
        self.connections += 1
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode("latin-1").split("\r\n")[:-2]
            self.heads.append(lines)
            length = [int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")]
            await reader.readexactly(length[0] if length else 0)
            status = "407 Proxy Authentication Required" if lines[0].startswith("CONNECT") else "204 Empty"
            writer.write(f"HTTP/1.1 {status}\r\n\r\n".encode())

    @property
    def asked(self) -> list[str]:
        """Return the request lines that came."""
        return [lines[0] for lines in self.heads]


@asynccontextmanager
async def listening(context: ssl.SSLContext | None = None) -> AsyncIterator[Listener]:
    """Listen on loopback until the end of the block."""
    listener = Listener()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await listener.serve(reader, writer)
        except asyncio.IncompleteReadError:
            pass  # the client has left
        finally:
            writer.close()

    server = await asyncio.start_server(serve, HOST, 0, ssl=context)
    listener.port = server.sockets[0].getsockname()[1]
    async with server:
        yield listener


async def ask(http: DirectorHttp, path: str = "/health/live") -> int:
    """Ask for ``path`` and return the status."""
    return (await http.ask("GET", path, None, _SECONDS)).status
