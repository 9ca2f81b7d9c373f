"""Probing one server with the very code that checks run: up to the capabilities, or the opened mailbox."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from actor_agent.interfaces import list_interfaces, overlap_of
from actor_agent.mail import SearchWindow, look
from actor_agent.mail.pop3.opening import Opening as Pop3Opening
from actor_agent.reach import Reach
from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.imap.opening import Opening as ImapOpening
from mail_transport.journal import Journal
from mail_transport.limits import CLOSE_SECONDS, SESSION_SECONDS
from mail_transport.smtp.login import log_in
from mail_transport.smtp.opening import Opening as SmtpOpening
from wire_contract.autoconfig import Protocol
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import ImapTarget, MailServer, PasswordCredentials, Pop3Target, TlsPolicy

EVERYWHERE = EgressPolicy.everywhere()
"""A person at a prompt may reach what the machine reaches: no profile of others is at work here."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One server, how it is trusted, and perhaps a login. ``egress``: where a connection may go."""

    protocol: Protocol
    server: MailServer
    tls: TlsPolicy
    credentials: PasswordCredentials | None
    egress: EgressPolicy

    async def run(self, journal: Journal) -> FailureCode | None:
        """Probe; what happens goes into ``journal``. Returns how it failed, null when it did not."""
        try:
            async with asyncio.timeout(SESSION_SECONDS):
                await self._run(journal)
        except MailFailure as failure:
            return failure.code
        except TimeoutError:
            return journal.time_ran_out(SESSION_SECONDS).code
        return None

    async def _run(self, journal: Journal) -> None:
        if (overlap := overlap_of(list_interfaces())) is not None:
            journal.warn(FailureCode.ACTOR_INTERFACES_OVERLAP, overlap)
        if self.protocol is Protocol.SMTP:
            await self._smtp(journal)
        elif self.credentials is not None:
            reach = Reach(egress=self.egress)
            await look(self._target(), self.credentials, None, SearchWindow(), journal, reach)
        else:
            await self._greeted_only(journal)

    def _target(self) -> ImapTarget | Pop3Target:
        if self.protocol is Protocol.IMAP:
            return ImapTarget(server_type="imap", incoming=self.server, tls=self.tls)
        return Pop3Target(server_type="pop3", incoming=self.server, tls=self.tls)

    async def _greeted_only(self, journal: Journal) -> None:
        if self.protocol is Protocol.IMAP:
            imap = await ImapOpening(self.server, self.tls, self.egress, journal).open()
            try:
                with suppress(MailFailure):
                    await imap.command(b"LOGOUT", seconds=CLOSE_SECONDS)
            finally:
                imap.channel.abort()
        else:
            target = Pop3Target(server_type="pop3", incoming=self.server, tls=self.tls)
            pop3 = await Pop3Opening(target, self.egress, journal).open()
            try:
                with suppress(MailFailure):
                    await pop3.command(b"QUIT", seconds=CLOSE_SECONDS)
            finally:
                pop3.channel.abort()

    async def _smtp(self, journal: Journal) -> None:
        session = await SmtpOpening(self.server, self.tls, self.egress, journal).open()
        try:
            if self.credentials is not None:
                await log_in(session, self.server, self.credentials, journal)
            with suppress(MailFailure):
                await session.command(b"QUIT", CLOSE_SECONDS)
        finally:
            session.channel.abort()
