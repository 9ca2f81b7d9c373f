"""The network below the HTTP library: connections that keep the egress policy and are written into a journal."""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpcore

from mail_transport.channel import Channel
from mail_transport.connecting import connect
from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.limits import REPLY_SECONDS
from mail_transport.tls import secure
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import TlsPolicy


@dataclass(slots=True)
class Network(httpcore.AsyncNetworkBackend):
    """Makes connections. Each host's first one is shown in ``journal``; later ones repeat its steps."""

    egress: EgressPolicy
    tls: TlsPolicy
    journal: Journal
    shown: set[str] = field(default_factory=set)

    def journal_for(self, step: str, host: str) -> Journal:
        """Return where a step with ``host`` is written down: once, and then nowhere."""
        known = f"{step} {host}" in self.shown
        self.shown.add(f"{step} {host}")
        return Journal() if known else self.journal

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  # connect() has the bounds of every connection
        local_address: str | None = None,  # noqa: ARG002  # the library's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002  # the library's signature
    ) -> "Stream":
        """Connect to ``host``, or to the proxy where there is one. Raises MailFailure."""
        journal = self.journal_for("connect", host)
        channel = await connect(host, port, self.egress, journal, transcribed=False)
        return Stream(channel, self, host, port)

    async def sleep(self, seconds: float) -> None:
        """Called by the library ahead of a retry, of which there is none."""
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class Stream(httpcore.AsyncNetworkStream):
    """One connection, as the library reads and writes it."""

    channel: Channel
    network: Network
    host: str
    port: int

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what came, nothing at the end. Raises MailFailure ``reply_timed_out``."""
        try:
            async with asyncio.timeout(timeout or REPLY_SECONDS):
                return await self.channel.read_some(max_bytes)
        except TimeoutError:
            raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  # a request is small
        """Send ``buffer``. Raises MailFailure."""
        if buffer:
            self.channel.write(buffer)

    async def aclose(self) -> None:
        """Close at once."""
        self.channel.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,  # noqa: ARG002  # the policy's context is the one that counts
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  # secure() has bounds of its own
    ) -> "Stream":
        """Encrypt, and hold the certificate against ``server_hostname``. Raises MailFailure."""
        name = server_hostname or self.host
        await secure(self.channel, name, self.network.tls, self.network.journal_for("tls", name), self._again)
        return self

    async def _again(self) -> Channel:
        return await connect(self.host, self.port, self.network.egress, Journal())

    def get_extra_info(self, info: str) -> object:
        """Tell the library that a connection at rest is closed; it asks for nothing else that counts here."""
        return self.channel.has_ended or self.channel.pending > 0 if info == "is_readable" else None
