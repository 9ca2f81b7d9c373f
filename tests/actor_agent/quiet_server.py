"""A server that accepts connections and never says a word: a job that talks to it stays where it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.actor_agent.director import HOST


class QuietServer:
    """Knows its port, and whether someone who came has left."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.left = asyncio.Event()


@asynccontextmanager
async def quiet_server() -> AsyncIterator[QuietServer]:
    """Listen on loopback until the end of the block."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        await reader.read()
        quiet.left.set()

    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(hold, HOST, 0)
    quiet = QuietServer(server.sockets[0].getsockname()[1])
    async with server:
        yield quiet
    for writer in writers:
        writer.close()
        await writer.wait_closed()
