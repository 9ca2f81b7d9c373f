"""From nothing to a greeted, encrypted SMTP session: the steps ``smtp_resolve`` to ``smtp_capabilities``."""

from dataclasses import dataclass

from mail_transport.channel import Channel
from mail_transport.connecting import Steps, connect
from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.smtp.replies import Reply
from mail_transport.smtp.session import Session
from mail_transport.tls import secure, silence
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Encryption, MailServer, TlsPolicy

_STEPS = Steps(StepName.SMTP_RESOLVE, StepName.SMTP_CONNECT, StepName.SMTP_TLS)
# Together well below the 20 s that a whole test may take.
_GREETING_SECONDS = 10.0
_PROBE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Opening:
    """How one server is reached; what happens goes into ``journal``."""

    server: MailServer
    tls: TlsPolicy
    egress: EgressPolicy
    journal: Journal

    async def open(self) -> Session:
        """Return a session with its extensions known, ready for a login. Raises MailFailure."""
        channel = await connect(self.server.host, self.server.port, self.egress, self.journal, _STEPS)
        try:
            return await self._greeted(channel)
        except BaseException:
            channel.abort()
            raise

    async def _greeted(self, channel: Channel) -> Session:
        session = Session(channel)
        if self.server.encryption is Encryption.SSL_TLS:
            await self._secure(session)
        await self._greeting(session)
        await self._hello(session)
        if self.server.encryption is Encryption.STARTTLS:
            await self._start_tls(session)
            await self._hello(session)
        return session

    async def _greeting(self, session: Session) -> None:
        with self.journal.step(StepName.SMTP_GREETING) as step:
            step.server_reply = (await read_greeting(session)).said

    async def _hello(self, session: Session) -> None:
        with self.journal.step(StepName.SMTP_CAPABILITIES) as step:
            reply = await session.hello()
            if not reply.is_positive:
                raise MailFailure(FailureCode.GREETING_REFUSED, reply.said)
            step.detail["capabilities"] = [
                f"{name} {values}".rstrip() for name, values in sorted(session.extensions.items())
            ]

    async def _start_tls(self, session: Session) -> None:
        try:
            await _ask_for_tls(session)
        except MailFailure:
            with self.journal.step(StepName.SMTP_TLS):
                raise
        await self._secure(session)

    async def _secure(self, session: Session) -> None:
        host = self.server.host
        await secure(session.channel, host, self.tls, self.journal, self._again, StepName.SMTP_TLS)

    async def _again(self) -> Channel:
        """Stand ahead of the handshake once more, without a trace in the journal."""
        channel = await connect(self.server.host, self.server.port, self.egress, Journal())
        try:
            if self.server.encryption is Encryption.STARTTLS:
                session = Session(channel)
                await read_greeting(session)
                await session.hello()
                await _ask_for_tls(session)
        except BaseException:
            channel.abort()
            raise
        return channel


async def _ask_for_tls(session: Session) -> None:
    if "STARTTLS" not in session.extensions:
        raise MailFailure(FailureCode.TLS_NOT_OFFERED)
    reply = await session.command(b"STARTTLS")
    if reply.code != 220:
        raise MailFailure(FailureCode.TLS_NOT_OFFERED, reply.said)
    session.extensions = {}


async def read_greeting(session: Session) -> Reply:
    """Read what the server says first. Raises MailFailure ``greeting_*``, ``tls_expected_by_server``."""
    try:
        greeting = await session.read(_GREETING_SECONDS)
    except MailFailure as failure:
        raise await _ungreeted(session.channel, failure) from None
    if greeting.code == 220:
        return greeting
    refused = greeting.code // 100 in {4, 5}  # RFC 5321 section 3.1: 554, and 421 of a busy server
    raise MailFailure(
        FailureCode.GREETING_REFUSED if refused else FailureCode.GREETING_UNEXPECTED, greeting.said
    )


async def _ungreeted(channel: Channel, failure: MailFailure) -> MailFailure:
    """Say what it means that there was no greeting; a silent server is offered TLS to tell."""
    if failure.code is FailureCode.PROTOCOL_VIOLATION:
        return MailFailure(FailureCode.GREETING_UNEXPECTED, failure.server_reply)
    if failure.code is not FailureCode.REPLY_TIMED_OUT:
        return failure
    return await silence(channel, _PROBE_SECONDS)
