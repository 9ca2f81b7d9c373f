"""A POP3 server that behaves, but for what a test changes about it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.servers.hostile import Peer

CAPABILITIES = ("TOP", "UIDL", "USER", "SASL PLAIN")
Answer = Callable[[Peer, bytes], Awaitable[None]]
"""Answers one command, given its argument."""


def says(*lines: bytes) -> Answer:
    """Answer with `lines`, whatever the argument."""

    async def answer(peer: Peer, _argument: bytes) -> None:
        await peer.send(*lines)

    return answer


def header(subject: str) -> bytes:
    """A message's header with this subject."""
    return f"From: x@example.test\r\nSubject: {subject}\r\n\r\n".encode()


@dataclass
class Pop3Script:
    """The script: `messages` are (unique id, header), `answers` replace the usual ones, by verb.

    A session sees the messages that are there when it begins.
    """

    messages: list[tuple[str, bytes]] = field(default_factory=list)
    capabilities: Sequence[str] | None = CAPABILITIES
    answers: dict[bytes, Answer] = field(default_factory=dict)
    greeting: bytes = b"+OK ready"
    commands: list[bytes] = field(default_factory=list)

    async def __call__(self, peer: Peer) -> None:
        snapshot = list(self.messages)
        await peer.send(self.greeting)
        while line := (await peer.line()).rstrip(b"\r\n"):
            self.commands.append(line)
            verb, _, argument = line.partition(b" ")
            answer = self.answers.get(verb)
            if answer is not None:
                await answer(peer, argument)
            else:
                await self._usual(peer, verb, argument, snapshot)
            if verb == b"QUIT":
                return

    async def _usual(
        self, peer: Peer, verb: bytes, argument: bytes, snapshot: list[tuple[str, bytes]]
    ) -> None:
        number = int(argument.split()[0]) if verb in {b"TOP", b"UIDL"} else 0
        if verb == b"CAPA" and self.capabilities is not None:
            await peer.send(b"+OK", *(each.encode() for each in self.capabilities), b".")
        elif verb == b"CAPA":
            await peer.send(b"-ERR unknown command")
        elif verb == b"AUTH":
            await peer.send(b"+ ")
            await peer.line()
            await peer.send(b"+OK logged in")
        elif verb == b"STAT":
            await peer.send(b"+OK %d 1000" % len(snapshot))
        elif verb == b"UIDL":
            await peer.send(b"+OK %d %s" % (number, snapshot[number - 1][0].encode()))
        elif verb == b"TOP":
            await peer.send_raw(b"+OK\r\n" + snapshot[number - 1][1] + b".\r\n")
        else:
            await peer.send(b"+OK")
