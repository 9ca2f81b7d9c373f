"""A Director behind a real HTTP server, and a reader of its stream: the in-process client has no streams."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

BOUND = 15.0


@asynccontextmanager
async def served(app: FastAPI | ASGIApp) -> AsyncIterator[str]:
    """Serve a Director that runs already, and give its URL."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    task = asyncio.create_task(server._serve([listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listening.close()


class Stream:
    """Reads events one by one."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.position = ""

    async def next(self) -> dict[str, Any]:
        """Return the next event's data."""
        async with asyncio.timeout(BOUND):
            async for line in self._lines:
                if line.startswith("id: "):
                    self.position = line.removeprefix("id: ")
                if line.startswith("data: "):
                    data: dict[str, Any] = json.loads(line.removeprefix("data: "))
                    return data
        raise EOFError

    async def until(self, event_type: str) -> dict[str, Any]:
        """Return the next event of a type."""
        while (event := await self.next())["type"] != event_type:
            pass
        return event

    async def opened(self) -> None:
        """Return once the stream has begun."""
        async with asyncio.timeout(BOUND):
            async for line in self._lines:
                if line.startswith("retry: "):
                    return
        raise EOFError


@asynccontextmanager
async def following(
    url: str, client: httpx.AsyncClient, headers: dict[str, str] | None = None, **params: Any
) -> AsyncIterator[Stream]:
    """Open a stream as the caller of ``client``."""
    async with (
        httpx.AsyncClient(headers={**client.headers, **(headers or {})}, timeout=BOUND) as live,
        live.stream("GET", f"{url}/events", params=params) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = Stream(answer.aiter_lines())
        await stream.opened()
        yield stream
