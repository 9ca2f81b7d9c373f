"""Testing the outgoing server of a mailbox up to the login, beside the search; no mail is sent."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from actor_agent.event_log import outline
from mail_transport.egress import EgressPolicy
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal
from mail_transport.limits import CLOSE_SECONDS
from mail_transport.smtp.login import log_in
from mail_transport.smtp.opening import Opening
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Credentials, MailServer, Target, TlsPolicy

logger = logging.getLogger(__name__)

IN_A_CHECK = 3.0
"""Seconds that the end of a check waits for the test: a code that was read is not kept back for long."""
WITHOUT_A_SEARCH = 20.0
"""The same for a connectivity check, which people run to learn of both servers."""


@asynccontextmanager
async def outgoing_tested(
    target: Target, credentials: Credentials, journal: Journal, egress: EgressPolicy, patience: float
) -> AsyncIterator[None]:
    """Test the outgoing server, if there is one, while the block runs and up to ``patience`` seconds longer.

    It begins when ``journal`` says that the mailbox is open: a password that is wrong is so for both
    servers, and refused twice it would lock the account all the sooner. What fails is a warning; a
    step that is not over by the end is written down as skipped.
    """
    if target.outgoing is None:
        yield
        return
    test = _Test(target.outgoing, target.tls, credentials, journal, egress)
    running = asyncio.create_task(test.run())

    async def give_time() -> None:
        if journal.has_passed(StepName.OPEN_MAILBOX):
            await asyncio.wait({running}, timeout=patience)

    try:
        yield
        await give_time()
    except (MailFailure, LookAgain):
        await give_time()
        raise
    finally:
        running.cancel()
        await asyncio.wait({running})


@dataclass(frozen=True, slots=True)
class _Test:
    server: MailServer
    tls: TlsPolicy
    credentials: Credentials
    journal: Journal
    egress: EgressPolicy

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
            if self.server.authentication is None:
                _no_login(journal)
            else:
                await log_in(session, self.server, self.credentials, journal)
            with suppress(MailFailure):
                await session.command(b"QUIT", CLOSE_SECONDS)
        finally:
            session.channel.abort()


def _no_login(journal: Journal) -> None:
    with journal.step(StepName.SMTP_AUTHENTICATE) as step:
        step.outcome = StepOutcome.SKIPPED
        step.detail["reason"] = "the profile says that this server needs no authentication"
