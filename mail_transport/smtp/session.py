"""Commands and their replies on an SMTP connection, within bounds of time and size."""

import asyncio
from ipaddress import ip_address

from mail_transport.channel import Channel
from mail_transport.failures import MailFailure
from mail_transport.limits import MAX_LINE, REPLY_SECONDS
from mail_transport.smtp.replies import Reply, parsed
from wire_contract.failure_codes import FailureCode

_MAX_LINES = 128
_EHLO_UNKNOWN = {500, 501, 502, 504, 550}
"""RFC 5321 section 3.2, and section 4.2.4 for what a server of old says."""


class Session:
    """One connection. Commands never overlap. ``extensions`` are those of the last EHLO, none after a HELO."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.extensions: dict[str, str] = {}

    async def read(self, seconds: float = REPLY_SECONDS) -> Reply:
        """Read one reply.

        Raises:
            MailFailure: ``reply_timed_out``, ``connection_closed``, ``protocol_*``.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._read()
        except TimeoutError:
            raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None

    async def _read(self) -> Reply:
        texts: list[bytes] = []
        code = None
        while len(texts) < _MAX_LINES and sum(map(len, texts)) <= MAX_LINE:
            line = parsed(await self.channel.read_line())
            if code is not None and line.code != code:
                raise MailFailure(FailureCode.PROTOCOL_VIOLATION, b"%d %s" % (line.code, line.text))
            code = line.code
            texts.append(line.text)
            if line.is_last:
                return Reply(line.code, tuple(texts))
        raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED, texts[0])

    async def command(self, line: bytes, seconds: float = REPLY_SECONDS) -> Reply:
        """Send ``line`` and return the reply, whatever it says. Raises as :meth:`read` does."""
        self.channel.write(line + b"\r\n")
        return await self.read(seconds)

    async def hello(self) -> Reply:
        """Say EHLO and learn the extensions; what was known before holds no more (RFC 3207 section 4.2).

        A server that doesn't know it is greeted by HELO (RFC 5321 section 3.2). Raises as :meth:`read` does.
        """
        self.extensions = {}
        reply = await self.command(b"EHLO " + self._literal())
        if reply.code in _EHLO_UNKNOWN:
            return await self._plain_hello(reply)
        lines = reply.texts[1:] if reply.is_positive else ()
        for line in lines:
            self.extensions.setdefault(*_extension(line))
        return reply

    async def _plain_hello(self, refusal: Reply) -> Reply:
        """Say HELO; whoever hangs up on that, or is silent, meant ``refusal`` for the client."""
        try:
            return await self.command(b"HELO " + self._literal())
        except MailFailure as failure:
            if failure.code not in {FailureCode.CONNECTION_CLOSED, FailureCode.REPLY_TIMED_OUT}:
                raise
            return refusal

    def _literal(self) -> bytes:
        """The own address in place of a name, which few clients have (RFC 5321 section 4.1.3)."""
        address = ip_address(self.channel.transport.get_extra_info("sockname")[0].partition("%")[0])
        return f"[{'IPv6:' if address.version == 6 else ''}{address}]".encode("ascii")

    @property
    def mechanisms(self) -> frozenset[str]:
        """The SASL mechanisms that are offered (RFC 4954 section 3)."""
        return frozenset(self.extensions.get("AUTH", "").split())


def _extension(line: bytes) -> tuple[str, str]:
    text = line.decode("ascii", "replace").upper()
    # Some servers add "AUTH=LOGIN" for clients of old; it means the same.
    keyword, _, parameters = text.replace("AUTH=", "AUTH ", 1).strip().partition(" ")
    return keyword, parameters
