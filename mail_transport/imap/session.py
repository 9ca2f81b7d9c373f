"""Commands and their replies on an IMAP connection, within bounds of time and size."""

import asyncio
from collections.abc import Callable
from itertools import count

from mail_transport.channel import Channel
from mail_transport.failures import MailFailure
from mail_transport.imap.responses import Reply, Response, announced_literal
from mail_transport.limits import MAX_LINE, MAX_REPLY, MAX_REPLY_LINES, REPLY_SECONDS
from wire_contract.failure_codes import FailureCode

_MAX_LITERALS = 8
Take = Callable[[Response], None]
Continue = Callable[[bytes], bytes]


def _nothing_to_continue(_: bytes) -> bytes:
    raise MailFailure(FailureCode.PROTOCOL_VIOLATION)


class Session:
    """One connection. Commands never overlap."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.capabilities: frozenset[str] = frozenset()
        self.selected: tuple[str, bool] | None = None
        """The folder that is open, as whoever opened it names it, and whether it may be changed (RFC 3501 section 3.3)."""
        self._tags = count(1)
        self._lines: list[bytes] = []
        self._literals: list[bytes] = []

    async def read(self) -> Response:
        """Read one response. May be cancelled and called again: what was read so far is kept."""
        while True:
            if self._lines and (size := announced_literal(self._lines[-1])) is not None:
                if len(self._literals) >= _MAX_LITERALS:
                    raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED, self._lines[0])
                if len(self._literals) < len(self._lines):
                    self._literals.append(await self.channel.read_exactly(size))
            self._lines.append(await self.channel.read_line())
            if announced_literal(self._lines[-1]) is None:
                response = Response(tuple(self._lines), tuple(self._literals))
                self._lines, self._literals = [], []
                return response

    async def command(
        self,
        command: bytes,
        *literals: bytes,
        take: Take | None = None,
        continues: Continue = _nothing_to_continue,
        seconds: float = REPLY_SECONDS,
    ) -> Reply:
        """Send ``command`` and return the reply to it, whether or not it is OK.

        Each ``{}`` in ``command`` stands for one of ``literals``. ``take`` is given the untagged
        responses in place of the reply, so that they need not be kept. ``continues`` answers further
        requests for input.

        Raises:
            MailFailure: ``reply_timed_out``, ``connection_closed``, ``protocol_*``.
        """
        try:
            async with asyncio.timeout(seconds):
                tag = self.start(command, *literals)
                return await self._finish(tag, _inputs(command, literals, continues), take)
        except TimeoutError:
            raise MailFailure(FailureCode.REPLY_TIMED_OUT, detail={"command": _verb(command)}) from None

    def start(self, command: bytes, *literals: bytes) -> bytes:
        """Send the first line of ``command`` and return its tag."""
        tag = b"A%d" % next(self._tags)
        head = command.partition(b"{}")[0] if literals else command
        size = b"{%d}" % len(literals[0]) if literals else b""
        self.channel.write(tag + b" " + head + size + b"\r\n")
        return tag

    async def _finish(self, tag: bytes, continues: Continue, take: Take | None) -> Reply:
        kept: list[Response] = []
        keep = take or kept.append
        size = 0
        for _ in range(MAX_REPLY_LINES):
            response = await self._read_or_bye(kept)
            size += sum(map(len, response.lines)) + sum(map(len, response.literals))
            if size > MAX_REPLY:
                break
            if response.tag == tag:
                return Reply(response, tuple(kept))
            if response.tag == b"+":
                self.channel.write(continues(response.rest))
            elif response.tag == b"*":
                (kept.append if response.status else keep)(response)
            else:
                raise MailFailure(FailureCode.PROTOCOL_VIOLATION, response.lines[0])
        raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED, detail={"received_bytes": size})

    async def _read_or_bye(self, said: list[Response]) -> Response:
        try:
            return await self.read()
        except MailFailure as failure:
            last = next((response.text for response in reversed(said) if response.status == b"BYE"), None)
            failure.server_reply = failure.server_reply or last
            raise

    async def finish(self, tag: bytes, seconds: float = REPLY_SECONDS) -> Reply:
        """Read to the end of the command that :meth:`start` began. Raises as :meth:`command` does."""
        try:
            async with asyncio.timeout(seconds):
                return await self._finish(tag, _nothing_to_continue, None)
        except TimeoutError:
            raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None

    async def ask_capabilities(self) -> frozenset[str]:
        """Ask for the capabilities anew: what was said before TLS or login holds no more.

        Raises MailFailure as :meth:`command` does, ``protocol_limit_exceeded`` past 64 KiB of them.
        """
        reply = await self.command(b"CAPABILITY")
        said = (response.named(b"CAPABILITY") for response in reply.untagged)
        words = b" ".join(text for text in said if text is not None)
        if len(words) > MAX_LINE:
            # Each word costs some twenty times its length once it is a string of its own.
            raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED, detail={"received_bytes": len(words)})
        self.capabilities = frozenset(words.decode("ascii", "replace").upper().split())
        return self.capabilities


def _inputs(command: bytes, literals: tuple[bytes, ...], continues: Continue) -> Continue:
    """Answer each request for input with the next literal, then by ``continues``."""
    if not literals:
        return continues
    between = command.split(b"{}")[1:]
    sizes = [b"{%d}" % len(literal) for literal in literals[1:]] + [b""]
    waiting = [body + text + size for body, text, size in zip(literals, between, sizes, strict=True)]

    def answer(request: bytes) -> bytes:
        return waiting.pop(0) + b"\r\n" if waiting else continues(request)

    return answer


def _verb(command: bytes) -> str:
    # No more of a command is ever shown: the rest may be a secret.
    words = command.split(b" ", 2)
    verb = b" ".join(words[:2]) if words[0] == b"UID" else words[0]
    return verb.decode("ascii")
