"""Searching until the message is there: round after round with growing pauses, since Graph can't call an Actor."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from actor_agent.mail.graph.mailbox import JUNK, GraphMailbox
from actor_agent.mail.graph.patience import Patience
from actor_agent.mail.graph.search import Match, Search
from actor_agent.mail.search_window import SearchWindow
from actor_agent.mail.wanted import Wanted
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal, OpenStep
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
HOLD_SECONDS = 120.0
LOOK_AGAIN_SECONDS = 30.0


class Watch:
    """One search for one message."""

    def __init__(
        self,
        mailbox: GraphMailbox,
        wanted: Wanted,
        window: SearchWindow,
        journal: Journal,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._mailbox = mailbox
        self._search = Search(wanted)
        self._window = window
        self._journal = journal
        self._clock = clock
        self._sleep = sleep
        self._patience = Patience(window, sleep)

    async def run(self) -> list[Match]:
        """Search until found.

        Raises:
            MailFailure: ``code_not_found`` after a last full search when the window is over, and others.
            LookAgain: after 2 minutes, or when the service asks for a long wait.
        """
        began, pause = self._clock(), FIRST_PAUSE
        with self._journal.step(StepName.SEARCH) as step:
            step.detail["folders"] = ["messages", JUNK]
            while True:
                over = self._window.is_over
                if matches := await self._round(step, full=over):
                    self._search.near.conclude(step, self._journal, found=True)
                    return matches
                if over and self._patience.troubles == 0:
                    self._search.near.conclude(step, self._journal, found=False)
                    raise MailFailure(FailureCode.CODE_NOT_FOUND)
                if self._clock() - began > HOLD_SECONDS and not self._window.is_over:
                    raise LookAgain(self._window.at_most(LOOK_AGAIN_SECONDS))
                await self._sleep(self._window.at_most(pause))
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _round(self, step: OpenStep, *, full: bool) -> list[Match]:
        try:
            matches = await self._search.look(self._mailbox, full=full)
        except MailFailure as failure:
            step.detail["last_trouble"] = failure.code.value
            await self._patience.bear(failure)
            return []
        self._patience.relieved()
        step.detail.update(messages_seen=self._search.seen, searches=self._journal.searches + 1)
        self._search.near.show(step)
        self._journal.searched()
        return matches
