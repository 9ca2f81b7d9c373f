"""A script that is cut after so many bytes, as by a server that dies."""

from dataclasses import dataclass

from tests.servers.hostile import Peer, Script


@dataclass
class CutPeer(Peer):
    """A peer that hears `left` bytes and no more; `said` counts them."""

    left: int = 0
    said: int = 0

    async def send_raw(self, data: bytes) -> None:
        part = data[: self.left]
        self.left -= len(part)
        self.said += len(part)
        await super().send_raw(part)
        if len(part) < len(data):
            self.writer.close()
            raise ConnectionError


class Cutting:
    """Plays `script`, to each client as far as `limit`; `said` is how far it got with the last one."""

    def __init__(self, script: Script, limit: int) -> None:
        self._script = script
        self._limit = limit
        self.said = 0

    async def __call__(self, peer: Peer) -> None:
        cut = CutPeer(peer.reader, peer.writer, peer.heard, left=self._limit)
        try:
            await self._script(cut)
        finally:
            self.said = cut.said
