"""Testing the outgoing server of a mailbox up to the login, beside the search; no mail is sent."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from actor_agent.event_log import outline
from actor_agent.mail.refusals import Login, Refusals
from actor_agent.mail.wanted import Wanted
from mail_transport.egress import EgressPolicy
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal
from mail_transport.limits import CLOSE_SECONDS
from mail_transport.smtp.login import log_in
from mail_transport.smtp.opening import Opening
from mail_transport.smtp.session import Session
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import (
    ClientSecretCredentials,
    Credentials,
    MailServer,
    MailTarget,
    PasswordCredentials,
    RefreshTokenCredentials,
    TlsPolicy,
)

logger = logging.getLogger(__name__)
_refusals = Refusals()

IN_A_CHECK = 3.0
"""Seconds that the end of a check waits for the test: a code that was read is not kept back for long."""
WITHOUT_A_SEARCH = 20.0
"""The same for a connectivity check, which people run to learn of both servers."""


@asynccontextmanager
async def outgoing_tested(
    target: MailTarget,
    credentials: Credentials,
    wanted: Wanted | None,
    journal: Journal,
    egress: EgressPolicy,
) -> AsyncIterator[None]:
    """Test the outgoing server, if there is one, while the block runs and a few seconds longer at most.

    It begins when ``journal`` says that the mailbox is open: a password that is wrong is so for both
    servers, and refused twice it would lock the account all the sooner. What fails is a warning; a
    step that is not over by the end is written down as skipped. A login that was refused is not tried
    again when the block ends in LookAgain and comes back for the same check.
    """
    if target.outgoing is None:
        yield
        return
    account = _account(credentials)
    login = _login(target.outgoing, account, wanted) if wanted and account else None
    seconds = IN_A_CHECK if wanted else WITHOUT_A_SEARCH
    test = _Test(target.outgoing, target.tls, account, login, journal, egress, seconds)
    running = asyncio.create_task(test.run())
    over = True
    try:
        yield
        await test.give_time(running)
    except LookAgain:
        await test.give_time(running)
        over = False
        raise
    except MailFailure:
        await test.give_time(running)
        raise
    finally:
        running.cancel()
        await asyncio.wait({running})
        if login and over:
            _refusals.forget(login)


def _account(credentials: Credentials) -> PasswordCredentials | None:
    """Return the account that logs in by password; beside a mailbox that is read by a token there may be one."""
    if isinstance(credentials, PasswordCredentials):
        return credentials
    if isinstance(credentials, ClientSecretCredentials | RefreshTokenCredentials):
        username, password = credentials.username, credentials.password
        if username is not None and password is not None:
            return PasswordCredentials(username=username, password=password)
    return None


def _login(server: MailServer, account: PasswordCredentials, wanted: Wanted) -> Login:
    return Login(server.host, server.port, account.username, wanted.locator)


@dataclass(frozen=True, slots=True)
class _Test:
    server: MailServer
    tls: TlsPolicy
    account: PasswordCredentials | None
    login: Login | None
    journal: Journal
    egress: EgressPolicy
    seconds: float

    async def give_time(self, running: "asyncio.Task[None]") -> None:
        if self.journal.has_passed(StepName.OPEN_MAILBOX):
            await asyncio.wait({running}, timeout=self.seconds)

    async def run(self) -> None:
        await self.journal.until_passed(StepName.OPEN_MAILBOX)
        about = f"outgoing server {self.server.host}:{self.server.port}"
        try:
            await self._up_to_the_login(self.journal.beside())
        except MailFailure as failure:
            self.journal.warn(failure.code, about)
        except Exception as error:  # noqa: BLE001  # a defect here must not spoil what the mailbox proved
            logger.error("Test of the outgoing server: defect: %s", outline(error))  # noqa: TRY400  # a traceback quotes data
            self.journal.warn(FailureCode.ACTOR_ERROR, about)

    async def _up_to_the_login(self, journal: Journal) -> None:
        session = await Opening(self.server, self.tls, self.egress, journal).open()
        try:
            await self._log_in(session, journal)
            with suppress(MailFailure):
                await session.command(b"QUIT", CLOSE_SECONDS)
        finally:
            session.channel.abort()

    async def _log_in(self, session: Session, journal: Journal) -> None:
        if self.server.authentication is None:
            _skip(journal, "the profile says that this server needs no authentication")
        elif self.account is None:
            _skip(journal, "the profile has no password for this server")
        elif self.login and (code := _refusals.recall(self.login)):
            _skip(journal, "refused at an earlier look of this check; once more could lock the account", code)
            raise MailFailure(code)
        else:
            try:
                await log_in(session, self.server, self.account, journal)
            except MailFailure as failure:
                if self.login:
                    _refusals.remember(self.login, failure.code)
                raise


def _skip(journal: Journal, reason: str, code: FailureCode | None = None) -> None:
    with journal.step(StepName.SMTP_AUTHENTICATE) as step:
        step.outcome, step.code = StepOutcome.SKIPPED, code
        step.detail["reason"] = reason
