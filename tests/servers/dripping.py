"""Web servers whose answer never ends, though something always comes."""

import asyncio
from dataclasses import dataclass, field

from tests.servers.hostile import Peer

PAUSE_SECONDS = 0.02


async def request_of(peer: Peer) -> bytes:
    """Read a request's head, and return its first line."""
    first = await peer.line()
    while (await peer.line()).strip():
        pass
    return first


@dataclass
class Endless:
    """Sends `begin`, then `part` again and again, byte by byte or as fast as it is taken, until its client goes."""

    begin: bytes
    part: bytes
    dripping: bool = True
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    sent: int = 0

    async def __call__(self, peer: Peer) -> None:
        """Read a request and answer it."""
        await request_of(peer)
        await self.answer(peer)

    async def answer(self, peer: Peer) -> None:
        """Answer a request that was read."""
        try:
            await peer.send_raw(self.begin)
            while True:
                await self._send(peer)
        finally:
            self.gone.set()

    async def _send(self, peer: Peer) -> None:
        if not self.dripping:
            await peer.send_raw(self.part)
            self.sent += len(self.part)
            return
        for byte in self.part:
            await peer.send_raw(bytes([byte]))
            self.sent += 1
            await asyncio.sleep(PAUSE_SECONDS)


def dripping_headers() -> Endless:
    """A header after the other, a byte at a time."""
    return Endless(b"HTTP/1.1 200 OK\r\n", b"X-Filler: x\r\n")


def endless_headers() -> Endless:
    """A header after the other, as fast as can be."""
    return Endless(b"HTTP/1.1 200 OK\r\n", b"X-Filler: x\r\n" * 1000, dripping=False)


def dripping_body() -> Endless:
    """A body that is announced and comes a byte at a time."""
    return Endless(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ")


def endless_body() -> Endless:
    """A body without an end."""
    return Endless(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b"x" * 65_536, dripping=False
    )
