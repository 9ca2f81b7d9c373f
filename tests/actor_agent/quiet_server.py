"""A server that accepts connections and never says a word: a job that talks to it stays where it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.actor_agent.director import HOST


class QuietServer:
    """Counts who comes and who leaves."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.arrived = asyncio.Event()
        self.left = asyncio.Event()


@asynccontextmanager
async def quiet_server() -> AsyncIterator[QuietServer]:
    """Listen on loopback until the end of the block."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        quiet.arrived.set()
        await reader.read()
        quiet.left.set()
        writer.close()

    server = await asyncio.start_server(hold, HOST, 0)
    quiet = QuietServer(server.sockets[0].getsockname()[1])
    async with server:
        yield quiet
