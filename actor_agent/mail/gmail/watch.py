"""Searching until the message is there, with growing pauses, since the API has no push for an Actor."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from actor_agent.mail.gmail.api import Throttled
from actor_agent.mail.gmail.search import Match, Search
from actor_agent.mail.search_window import SearchWindow
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal, OpenStep
from mail_transport.limits import SESSION_SECONDS
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
HOLD_SECONDS = 120.0
LOOK_AGAIN_SECONDS = 30.0
MOST_TROUBLES = 8
"""So many attempts in a row that time alone may mend: about a minute of pauses."""
LONGEST_WAIT = 600.0
_PASSING = {FailureCode.CONNECTION_CLOSED, FailureCode.REPLY_TIMED_OUT, FailureCode.TCP_TIMED_OUT}


class Watch:
    """One search for one message."""

    def __init__(
        self,
        search: Search,
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
        self._troubles = 0

    async def run(self) -> list[Match]:
        """Search until found.

        Raises:
            MailFailure: ``code_not_found`` after a last search when the window is over, and others.
            LookAgain: after 2 minutes, or when Google asks to wait for longer than that.
        """
        began, pause = self._clock(), FIRST_PAUSE
        with self._journal.step(StepName.SEARCH) as step:
            while True:
                over = self._window.is_over
                wait, matches = await self._round(step, pause)
                if matches:
                    self._search.near.conclude(step, self._journal, found=True)
                    return matches
                if over and wait is None:
                    self._search.near.conclude(step, self._journal, found=False)
                    raise MailFailure(FailureCode.CODE_NOT_FOUND)
                wait = self._bounded(pause) if wait is None else wait
                if self._clock() - began + wait > HOLD_SECONDS:
                    raise LookAgain(max(wait, self._window.at_most(LOOK_AGAIN_SECONDS)))
                await self._sleep(wait)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _round(self, step: OpenStep, pause: float) -> tuple[float | None, list[Match]]:
        """Return what was found; or how long to wait where Google did not let the search come to its end."""
        try:
            async with asyncio.timeout(SESSION_SECONDS):
                matches = await self._search.look()
        except TimeoutError:
            raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None
        except MailFailure as failure:
            return self._trouble(failure, pause), []
        self._troubles = 0
        step.detail.update(
            messages_seen=len(self._search.seen),
            messages_in_trash=self._search.in_trash,
            searches=self._journal.searches + 1,
        )
        self._search.near.show(step)
        self._journal.searched()
        return None, matches

    def _trouble(self, failure: MailFailure, pause: float) -> float:
        """Return the pause before the next try. Raises ``failure`` where waiting is of no use."""
        self._troubles += 1
        asked = failure.seconds if isinstance(failure, Throttled) else None
        passing = isinstance(failure, Throttled) or failure.code in _PASSING
        wait = pause if asked is None else min(max(asked, FIRST_PAUSE), LONGEST_WAIT)
        left = self._window.seconds_left
        if not passing or self._troubles > MOST_TROUBLES or (left is not None and left < wait):
            raise failure
        return wait

    def _bounded(self, pause: float) -> float:
        left = self._window.seconds_left
        return min(pause, left) if left else pause
