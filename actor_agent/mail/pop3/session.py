"""Commands and their replies on a POP3 connection, within bounds of time and size."""

import asyncio
from collections.abc import Mapping

from actor_agent.mail.pop3.replies import MultiLine, Reply
from mail_transport.channel import Channel
from mail_transport.failures import MailFailure
from mail_transport.limits import REPLY_SECONDS
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

    async def command(self, command: bytes, *, seconds: float = REPLY_SECONDS) -> Reply:
        """Send ``command`` and return the reply to it, whether or not it is +OK.

        Raises:
            MailFailure: ``reply_timed_out``, ``connection_closed``, ``protocol_*``.
        """
        async with _timed(command, seconds):
            return await self._exchange(command)

    async def ask_lines(
        self, command: bytes, *, seconds: float = REPLY_SECONDS
    ) -> tuple[Reply, list[bytes]]:
        """Send ``command``; return the reply and the first 256 KiB of the lines that follow a +OK.

        Raises as :meth:`command` does.
        """
        async with _timed(command, seconds):
            reply = await self._exchange(command)
            return reply, await self._lines() if reply.is_ok else []

    async def ask_capabilities(self) -> None:
        """Ask for the capabilities anew: what was said before TLS or login holds no more."""
        self.capabilities = {}
        _, lines = await self.ask_lines(b"CAPA")
        words = (line.decode("ascii", "replace").upper().split() for line in lines[:_MAX_CAPABILITIES])
        self.capabilities = {name: tuple(arguments) for name, *arguments in filter(None, words)}

    async def _exchange(self, command: bytes) -> Reply:
        if self.channel.pending:  # an answer to nothing would be taken for the answer to this
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION, (await self.read()).line)
        self.channel.write(command + b"\r\n")
        reply = await self.read()
        if not (reply.is_ok or reply.is_refusal or reply.asks_for_more):
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION, reply.line)
        return reply

    async def _lines(self) -> list[bytes]:
        answer = MultiLine()
        # In pieces as they come, not in lines: a message may hold a line longer than any bound.
        while not answer.feed(await self.channel.read_exactly(max(1, self.channel.pending_for_read))):
            pass
        return answer.lines()


class _timed:  # noqa: N801  # reads as the statement that it is
    pass
