"""A maildrop that is opened, looked into and left again: a POP3 session is a snapshot of the mailbox."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass

from actor_agent.mail.pop3.login import IN_USE, log_in
from actor_agent.mail.pop3.opening import Opening
from actor_agent.mail.pop3.replies import Reply
from actor_agent.mail.pop3.session import Session
from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.limits import CLOSE_SECONDS, SESSION_SECONDS, SLOW_REPLY_SECONDS
from mail_transport.xoauth2 import MailLogin
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Pop3Target

INBOX = "INBOX"
_STAT = re.compile(rb"(\d{1,10}) \d{1,20}\b")
_LONGEST_DELAY = 300.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One session, and how many messages it shows."""

    session: Session
    messages: int

    @property
    def login_delay(self) -> float:
        """Seconds that the server wants between two logins (RFC 2449 section 6.5), as far as is sensible."""
        told = next(iter(self.session.capabilities.get("LOGIN-DELAY", ())), "")
        return min(float(told), _LONGEST_DELAY) if told.isdecimal() and told.isascii() else 0.0

    async def leave(self, seconds: float = CLOSE_SECONDS) -> bool:
        """Say QUIT, which carries out deletions, and close; tell whether the server agreed within ``seconds``."""
        try:
            with suppress(MailFailure):
                return (await self.session.command(b"QUIT", seconds=seconds)).is_ok
            return False
        finally:
            self.session.channel.abort()


@dataclass(frozen=True, slots=True)
class Maildrop:
    """An account's mailbox behind POP3."""

    target: Pop3Target
    login: MailLogin
    egress: EgressPolicy

    async def open(self, journal: Journal) -> Snapshot:
        """Connect, log in and count the messages, at most 120 s; the steps go into ``journal``.

        Raises:
            MailFailure: as a check ends with.
        """
        try:
            async with asyncio.timeout(SESSION_SECONDS):
                session = await Opening(self.target, self.egress, journal).open()
                return await self._opened(session, journal)
        except TimeoutError:
            raise journal.time_ran_out(SESSION_SECONDS) from None

    async def _opened(self, session: Session, journal: Journal) -> Snapshot:
        try:
            reply = await log_in(session, self.target.incoming, self.login, journal)
            with journal.step(StepName.OPEN_MAILBOX) as step:
                step.detail["folder"] = INBOX
                self._check_mailbox()
                snapshot = Snapshot(session, await _count(session, reply))
                step.detail["messages"] = snapshot.messages
        except MailFailure:
            await Snapshot(session, 0).leave()
            raise
        except BaseException:
            session.channel.abort()
            raise
        return snapshot

    def _check_mailbox(self) -> None:
        mailbox = self.target.mailbox
        if mailbox is not None and mailbox.lower() not in {self.login.username.lower(), INBOX.lower()}:
            error = "POP3 opens the mailbox of the account that logs in, and no other"
            raise MailFailure(FailureCode.MAILBOX_NOT_FOUND, detail={"mailbox": mailbox, "error": error})


async def _count(session: Session, login: Reply) -> int:
    """Ask for the number of messages. A server may index the whole mailbox first, hence the long wait."""
    reply = await session.second_thoughts(login)
    if reply.is_ok:
        reply = await session.command(b"STAT", seconds=SLOW_REPLY_SECONDS)
    if reply.code == IN_USE:
        raise MailFailure(FailureCode.MAILBOX_IN_USE, reply.text)
    if not reply.is_ok:
        raise MailFailure(FailureCode.MAILBOX_UNAVAILABLE, reply.text)
    counted = _STAT.match(reply.text)
    if counted is None:
        raise MailFailure(FailureCode.PROTOCOL_VIOLATION, reply.line)
    return int(counted[1])
