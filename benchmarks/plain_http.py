"""HTTP/1.1 on one kept connection (RFC 9112): as little work as a client can do, so that the server is measured."""

import asyncio
import json
from typing import Any, Self

from tests.servers.ports import HOST

_LIMIT = 2**20


class PlainConnection:
    """One connection to a server on this machine. One request at a time; bodies and answers are JSON."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self._reader = reader
        self._writer = writer
        self._token = token.encode()

    @classmethod
    async def open(cls, port: int, token: str = "") -> Self:
        """Connect; every request will carry ``token``."""
        reader, writer = await asyncio.open_connection(HOST, port, limit=_LIMIT)
        return cls(reader, writer, token)

    def send(self, method: str, path: str, body: Any = None) -> None:
        """Send a request and leave its answer for later."""
        content = b"" if body is None else json.dumps(body).encode()
        self._writer.write(
            b"%s %s HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer %s\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
            % (method.encode(), path.encode(), self._token, len(content), content)
        )

    async def answer(self) -> tuple[int, bytes]:
        """Return the status and the body of the next answer."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return int(head[9:12]), await self._reader.readexactly(length)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request and return its answer's JSON, null where it has none.

        Raises:
            RuntimeError: the server refused.
        """
        self.send(method, path, body)
        status, content = await self.answer()
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {status} {content[:500]!r}")
        return json.loads(content) if content else None

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()
