"""A connection that is read in lines and blocks, never holding more than one of them beyond its limit."""

import asyncio
import ssl
from typing import cast

from mail_transport.dead_paths import is_dead_path
from mail_transport.failures import MailFailure
from mail_transport.limits import MAX_LINE, MAX_LITERAL, PATH_SECONDS
from mail_transport.transcript import Transcript
from wire_contract.cleaning import MAX_EXCERPT
from wire_contract.failure_codes import FailureCode

_HIGH_WATER = MAX_LINE


class Channel(asyncio.Protocol):
    """Made by :func:`mail_transport.connecting.connect`. One reader at a time.

    Reading is paused above 64 KiB, so a server that sends faster than it is listened to waits.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._scanned = 0
        self._wanted = 0
        self._news = asyncio.Event()
        self._ended = False
        self._path_is_dead = False
        self.transcript = Transcript()

    @property
    def transport(self) -> asyncio.Transport:
        """The transport below. Raises MailFailure when the connection never stood."""
        if self._transport is None:
            raise MailFailure(FailureCode.CONNECTION_CLOSED)
        return self._transport

    @property
    def pending(self) -> int:
        """How many bytes were received and not read yet."""
        return len(self._buffer)

    def pending_starts_with(self, prefix: bytes) -> bool:
        """Tell how what was received and not read yet begins."""
        return self._buffer.startswith(prefix)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio; for a second time when TLS stands."""
        # Not asked for by isinstance: other loops' transports (uvloop's) are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._buffer += data
        if len(self._buffer) > max(_HIGH_WATER, self._wanted):
            self.transport.pause_reading()
        self._news.set()

    def eof_received(self) -> None:
        """Called by asyncio; the connection is of no use when the server has said its last."""
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self._path_is_dead = is_dead_path(exc)
        self._end()

    def _end(self) -> None:
        self._ended = True
        self._news.set()

    async def read_line(self) -> bytes:
        """Read to the end of a line and return it without CRLF (a bare LF is taken too).

        Raises:
            MailFailure: ``protocol_limit_exceeded`` past 64 KiB, ``connection_closed``,
                ``reply_timed_out`` where nothing reaches the server any more.
        """
        while (end := self._buffer.find(b"\n", self._scanned)) < 0:
            self._scanned = len(self._buffer)
            if self._scanned > MAX_LINE:
                raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED, self._excerpt())
            await self._more()
        if end > MAX_LINE:
            raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED, self._excerpt())
        line = self._take(end + 1).removesuffix(b"\n").removesuffix(b"\r")
        self.transcript.received(line)
        return line

    async def read_exactly(self, size: int) -> bytes:
        """Read ``size`` bytes. Raises as :meth:`read_line` does, past 256 KiB."""
        if size > MAX_LITERAL:
            raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED, detail={"announced_bytes": size})
        self._wanted = size
        while len(self._buffer) < size:
            await self._more()
        self._wanted = 0
        self.transcript.received_block(size)
        return self._take(size)

    async def read_some(self, most: int) -> bytes:
        """Read what there is, ``most`` bytes at most; nothing means that the server has said its last.

        Raises MailFailure ``reply_timed_out`` where nothing reaches the server any more.
        """
        while not self._buffer and not self._ended:
            await self._more()
        if not self._buffer and self._path_is_dead:
            raise self._why_ended()
        return self._take(min(most, len(self._buffer)))

    @property
    def has_ended(self) -> bool:
        """Tell whether the server has said its last."""
        return self._ended

    def _excerpt(self) -> bytes:
        # Longer than what is shown of it: a secret that is cut in two can't be masked.
        return bytes(self._buffer[:MAX_EXCERPT])

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._scanned = 0
        return taken

    async def _more(self) -> None:
        if self._ended:
            raise self._why_ended()
        self._news.clear()
        self.transport.resume_reading()
        await self._news.wait()

    def _why_ended(self) -> MailFailure:
        said = self._excerpt() or None
        if self._path_is_dead:
            error = "nothing reaches the server any more"
            return MailFailure(FailureCode.REPLY_TIMED_OUT, said, {"seconds": PATH_SECONDS, "error": error})
        return MailFailure(FailureCode.CONNECTION_CLOSED, said)

    def write(self, data: bytes) -> None:
        """Send ``data``. It is never more than one command, so there is no waiting for room."""
        if self._ended or self.transport.is_closing():
            raise self._why_ended()
        self.transcript.sent(data)
        self.transport.write(data)

    async def start_tls(self, context: ssl.SSLContext, host: str, seconds: float) -> ssl.SSLObject:
        """Encrypt from here on. Raises what ``ssl`` and the socket raise.

        Bytes that came in the clear ahead of the handshake could be taken for answers given under
        TLS (CVE-2021-38371), so they end the connection.
        """
        if self._buffer:
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION, self._excerpt())
        secured = await asyncio.get_running_loop().start_tls(
            self.transport, self, context, server_hostname=host, ssl_handshake_timeout=seconds
        )
        if secured is None:
            raise MailFailure(FailureCode.CONNECTION_CLOSED)
        self._transport = secured
        self.transcript.secured()
        found = secured.get_extra_info("ssl_object")
        if not isinstance(found, ssl.SSLObject):
            raise MailFailure(FailureCode.CONNECTION_CLOSED)
        return found

    def abort(self) -> None:
        """Close at once; nothing more is sent."""
        if self._transport is not None:
            self._transport.abort()
