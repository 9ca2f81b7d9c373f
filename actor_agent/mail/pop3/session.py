"""Commands and their replies on a POP3 connection, within bounds of time and size."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from actor_agent.mail.pop3.replies import MultiLine, Reply
from mail_transport.channel import Channel
from mail_transport.failures import MailFailure
from mail_transport.limits import MAX_LINE, REPLY_SECONDS
from wire_contract.cleaning import MAX_EXCERPT
from wire_contract.failure_codes import FailureCode

_MAX_CAPABILITIES = 256


class Session:
    """One connection. Commands never overlap.

    ``capabilities`` maps each name to its arguments (RFC 2449); it is empty too if the server has no CAPA.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.capabilities: Mapping[str, tuple[str, ...]] = {}

    async def read(self) -> Reply:
        """Read one status line, of whatever kind."""
        return Reply(await self.channel.read_line())

    async def command(self, command: bytes, *, seconds: float | None = None) -> Reply:
        """Send ``command`` and return the reply to it, whether or not it is +OK, within 15 s or ``seconds``.

        Raises:
            MailFailure: ``reply_timed_out``, ``connection_closed``, ``protocol_*``.
        """
        with _named(_verb(command)):
            async with asyncio.timeout(REPLY_SECONDS if seconds is None else seconds):
                return await self._exchange(command)

    async def answer(self, response: bytes, *, seconds: float) -> Reply:
        """Send ``response`` to a challenge; nothing of it is ever shown. Returns and raises as :meth:`command`."""
        with _named("AUTH"):
            async with asyncio.timeout(seconds):
                return await self._exchange(response)

    async def ask_lines(self, command: bytes, *, seconds: float | None = None) -> tuple[Reply, list[bytes]]:
        """Send ``command``; return the reply and the first 256 KiB of the lines that follow a +OK.

        Raises as :meth:`command` does.
        """
        with _named(_verb(command)):
            async with asyncio.timeout(REPLY_SECONDS if seconds is None else seconds):
                reply = await self._exchange(command)
                return reply, await self._lines() if reply.is_ok else []

    async def ask_capabilities(self) -> None:
        """Ask for the capabilities anew: what was said before TLS or login holds no more."""
        self.capabilities = {}
        _, lines = await self.ask_lines(b"CAPA")
        words = (line.decode("ascii", "replace").upper().split() for line in lines[:_MAX_CAPABILITIES])
        self.capabilities = {name: tuple(arguments) for name, *arguments in filter(None, words)}

    async def second_thoughts(self, reply: Reply) -> Reply:
        """Return the refusal that followed ``reply`` on its heels, else ``reply`` itself.

        Dovecot agrees to a login before it opens the mailbox, and says -ERR unasked when it can't. Raises
        as :meth:`command` does; what else was said unasked is for the next command to meet.
        """
        if not self.channel.pending_starts_with(b"-ERR"):
            return reply
        with _named("PASS"):
            async with asyncio.timeout(REPLY_SECONDS):
                return await self.read()

    async def _exchange(self, command: bytes) -> Reply:
        if self.channel.pending:  # an answer to nothing would be taken for the answer to this
            said = await self.channel.read_exactly(min(self.channel.pending, MAX_EXCERPT))
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION, said)
        self.channel.write(command + b"\r\n")
        reply = await self.read()
        if not (reply.is_ok or reply.is_refusal or reply.asks_for_more):
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION, reply.line)
        return reply

    async def _lines(self) -> list[bytes]:
        answer = MultiLine()
        # In pieces as they come, not in lines: a message may hold a line longer than any bound.
        while not answer.feed(await self._piece()):
            pass
        return answer.lines()

    async def _piece(self) -> bytes:
        # What is pending may be more than the channel gives at once: a socket is read 256 KiB at a time.
        return await self.channel.read_exactly(min(max(1, self.channel.pending), MAX_LINE))


@contextmanager
def _named(verb: str) -> Iterator[None]:
    """Say which command was not answered in time."""
    try:
        yield
    except TimeoutError:
        raise MailFailure(FailureCode.REPLY_TIMED_OUT, detail={"command": verb}) from None


def _verb(command: bytes) -> str:
    # No more of a command is ever shown: the rest may be a secret.
    return command.partition(b" ")[0].decode("ascii")
