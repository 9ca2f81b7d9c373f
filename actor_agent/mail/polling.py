"""Searching until the message is there: round after round with growing pauses, since a cloud can't call an Actor."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from actor_agent.mail.near_misses import NearMisses
from actor_agent.mail.patience import Patience
from actor_agent.mail.search_window import SearchWindow
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal, OpenStep
from mail_transport.limits import SESSION_SECONDS
from wire_contract.base import JsonValue
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode

Match = TypeVar("Match")
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
HOLD_SECONDS = 120.0
LOOK_AGAIN_SECONDS = 30.0


class Search(Protocol[Match]):
    """What is looked for in one mailbox, and what earlier rounds saw."""

    near: NearMisses

    async def look(self, *, full: bool) -> list[Match]:
        """Look at what is new, or at everything if ``full``. Raises MailFailure."""
        ...

    @property
    def detail(self) -> dict[str, JsonValue]:
        """What the step shows of it."""
        ...


class Polling(Generic[Match]):
    """One search for one message, in a mailbox that the service has opened."""

    def __init__(
        self,
        search: Search[Match],
        window: SearchWindow,
        journal: Journal,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._search = search
        self._window = window
        self._journal = journal
        self._clock = clock
        self._sleep = sleep
        self._patience = Patience(window, sleep, reached=True)

    async def run(self) -> list[Match]:
        """Search until found.

        Raises:
            MailFailure: ``code_not_found`` after a last full search when the window is over, and others.
            LookAgain: after 2 minutes, or when the service asks for a long wait.
        """
        began, pause = self._clock(), FIRST_PAUSE
        with self._journal.step(StepName.SEARCH) as step:
            while True:
                over = self._window.is_over
                matches = await self._round(step, full=over)
                if matches:
                    self._search.near.conclude(step, self._journal, found=True)
                    return matches
                if over and matches is not None:
                    self._search.near.conclude(step, self._journal, found=False)
                    raise MailFailure(FailureCode.CODE_NOT_FOUND)
                if self._clock() - began > HOLD_SECONDS and not self._window.is_over:
                    raise LookAgain(self._window.at_most(LOOK_AGAIN_SECONDS))
                if matches is not None:
                    await self._sleep(self._window.at_most(pause))
                    pause = min(pause * 2, LONGEST_PAUSE)

    async def _round(self, step: OpenStep, *, full: bool) -> list[Match] | None:
        """Return what was found; null, after a wait, where the service did not let the look come to its end."""
        try:
            matches = await self._looked(full=full)
        except MailFailure as failure:
            step.detail["last_trouble"] = failure.code.value
            await self._patience.bear(failure)
            return None
        finally:
            step.detail.update(self._search.detail)
        self._patience.relieved()
        step.detail["searches"] = self._journal.searches + 1
        self._search.near.show(step)
        self._journal.searched()
        return matches

    async def _looked(self, *, full: bool) -> list[Match]:
        try:
            async with asyncio.timeout(SESSION_SECONDS):
                return await self._search.look(full=full)
        except TimeoutError:
            raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None
