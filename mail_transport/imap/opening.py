"""From nothing to a greeted, encrypted session: resolve, connect, tls, greeting, capabilities."""

import asyncio
from dataclasses import dataclass

from mail_transport.channel import Channel
from mail_transport.connecting import connect
from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.imap.responses import Response
from mail_transport.imap.session import Session
from mail_transport.journal import Journal
from mail_transport.limits import REPLY_SECONDS
from mail_transport.tls import secure, silence
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Encryption, MailServer, TlsPolicy

_PROBE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Opening:
    """How one mail server is reached; what happens goes into ``journal``."""

    server: MailServer
    tls: TlsPolicy
    egress: EgressPolicy
    journal: Journal

    async def open(self) -> Session:
        """Return a session with its capabilities known, ready for a login. Raises MailFailure."""
        channel = await connect(self.server.host, self.server.port, self.egress, self.journal)
        try:
            return await self._greeted(channel)
        except BaseException:
            channel.abort()
            raise

    async def _greeted(self, channel: Channel) -> Session:
        session = Session(channel)
        encryption = self.server.encryption
        if encryption is Encryption.SSL_TLS:
            await self._secure(session)
        await self._greeting(session)
        if encryption is Encryption.STARTTLS:
            await self._capabilities(session)
            await self._start_tls(session)
        await self._capabilities(session)
        return session

    async def _greeting(self, session: Session) -> None:
        with self.journal.step(StepName.GREETING) as step:
            greeting = await read_greeting(session)
            step.server_reply = greeting.text
            if greeting.status == b"BYE":
                raise MailFailure(FailureCode.GREETING_REFUSED, greeting.text)
            if greeting.status == b"PREAUTH":
                # Nothing is known of whose mailbox this is, and STARTTLS is not allowed any more.
                raise MailFailure(FailureCode.GREETING_UNEXPECTED, greeting.rest)

    async def _capabilities(self, session: Session) -> None:
        with self.journal.step(StepName.CAPABILITIES) as step:
            step.detail["capabilities"] = [*sorted(await session.ask_capabilities())]

    async def _start_tls(self, session: Session) -> None:
        if "STARTTLS" not in session.capabilities:
            with self.journal.step(StepName.TLS):
                raise MailFailure(FailureCode.TLS_NOT_OFFERED)
        with self.journal.step(StepName.TLS, quiet=True):
            reply = await session.command(b"STARTTLS")
            if not reply.is_ok:
                raise MailFailure(FailureCode.TLS_NOT_OFFERED, reply.tagged.text)
        session.capabilities = frozenset()
        await self._secure(session)

    async def _secure(self, session: Session) -> None:
        await secure(session.channel, self.server.host, self.tls, self.journal, self._again)

    async def _again(self) -> Channel:
        """Stand ahead of the handshake once more, without a trace in the journal."""
        channel = await connect(self.server.host, self.server.port, self.egress, Journal())
        try:
            if self.server.encryption is Encryption.STARTTLS:
                session = Session(channel)
                await read_greeting(session)
                await session.command(b"STARTTLS")
        except BaseException:
            channel.abort()
            raise
        return channel


async def read_greeting(session: Session) -> Response:
    """Read what the server says first. Raises MailFailure ``greeting_*``, ``tls_expected_by_server``."""
    try:
        async with asyncio.timeout(REPLY_SECONDS):
            greeting = await session.read()
    except TimeoutError:
        raise await silence(session.channel, _PROBE_SECONDS) from None
    if greeting.tag != b"*" or greeting.status not in {b"OK", b"BYE", b"PREAUTH"}:
        raise MailFailure(FailureCode.GREETING_UNEXPECTED, greeting.lines[0])
    return greeting
