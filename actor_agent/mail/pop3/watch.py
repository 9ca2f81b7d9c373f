"""Searching until the message is there: session after session, with growing pauses, since POP3 has no push."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from actor_agent.mail.pop3.maildrop import INBOX, Maildrop, Snapshot
from actor_agent.mail.pop3.search import Match, Search
from actor_agent.mail.search_window import SearchWindow
from actor_agent.mail.wanted import Wanted
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal, OpenStep
from mail_transport.limits import SESSION_SECONDS
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode

FIRST_PAUSE = 0.3
LONGEST_PAUSE = 8.0
HOLD_SECONDS = 120.0
LOOK_AGAIN_SECONDS = 30.0
MOST_TROUBLES = 8
"""So many attempts in a row to open and search the mailbox again: between half a minute and a minute of pauses."""
_PASSING = {
    FailureCode.DNS_FAILED,
    FailureCode.TCP_REFUSED,
    FailureCode.TCP_TIMED_OUT,
    FailureCode.TCP_UNREACHABLE,
    FailureCode.CONNECTION_CLOSED,
    FailureCode.GREETING_MISSING,
    FailureCode.GREETING_REFUSED,
    FailureCode.REPLY_TIMED_OUT,
    FailureCode.AUTH_TEMPORARILY_UNAVAILABLE,
    FailureCode.MAILBOX_IN_USE,
}
"""What a server that worked comes back from: a restart, an update, a path that was cut."""


@dataclass(frozen=True, slots=True)
class Hit:
    """The session that shows the message, still open, and all messages that carry the locator."""

    snapshot: Snapshot
    matches: tuple[Match, ...]


class Watch:
    """One search for one message. It is made when the first session is about to be opened."""

    def __init__(
        self,
        maildrop: Maildrop,
        wanted: Wanted,
        window: SearchWindow,
        journal: Journal,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._maildrop = maildrop
        self._search = Search(wanted)
        self._window = window
        self._journal = journal
        self._clock = clock
        self._sleep = sleep
        self._troubles = 0
        self._login_delay = 0.0
        self._opening_took = 0.0
        self._opening_began = clock()

    async def run(self, first: Snapshot | None) -> Hit:
        """Search until found, in ``first`` and then in sessions of its own; none is held in between.

        ``first`` is None if another program held the mailbox.

        Raises:
            MailFailure: ``code_not_found`` after a last full search when the window is over, and others.
            LookAgain: after 2 minutes.
        """
        began, pause = self._clock(), FIRST_PAUSE
        self._opening_took = began - self._opening_began
        with self._journal.step(StepName.SEARCH) as step:
            step.detail.update(folders=[INBOX], junk_not_visible=True)
            snapshot, over = first, self._window.is_over
            while True:
                try:
                    hit = await self._round(snapshot, step, full=over) if snapshot else None
                except MailFailure as failure:
                    if not self._journal.searches:  # nothing shows yet that this mailbox can be searched
                        raise
                    self._bear(failure, step)
                    hit = snapshot = None
                if hit:
                    self._search.near.conclude(step, self._journal, found=True)
                    return hit
                if over and snapshot:
                    self._search.near.conclude(step, self._journal, found=False)
                    raise MailFailure(FailureCode.CODE_NOT_FOUND)
                if not over and self._clock() - began > HOLD_SECONDS:
                    raise LookAgain(self._until_next_look())
                await self._sleep(self._bounded(pause))
                pause = min(pause * 2, LONGEST_PAUSE)
                over = self._window.is_over  # ahead of opening, since a session shows nothing that is newer
                snapshot = await self._open_again(step)

    async def _open_again(self, step: OpenStep) -> Snapshot | None:
        """Open the mailbox anew; None if what stands in the way may pass."""
        self._opening_began = self._clock()
        try:
            snapshot = await self._maildrop.open(Journal())  # the steps of the first time stand for all
        except MailFailure as failure:
            self._bear(failure, step)
            return None
        self._opening_took = self._clock() - self._opening_began
        return snapshot

    def _bear(self, failure: MailFailure, step: OpenStep) -> None:
        """Let it pass, unless it won't or was borne too often in a row. Raises ``failure``."""
        self._troubles += 1
        if failure.code not in _PASSING or self._troubles >= MOST_TROUBLES:
            raise failure
        step.detail["last_trouble"] = failure.code.value

    async def _round(self, snapshot: Snapshot, step: OpenStep, *, full: bool) -> Hit | None:
        """Search the session to the end; it stays open with a hit alone."""
        try:
            self._login_delay = snapshot.login_delay
            matches = await self._within_bounds(snapshot, full=full)
            self._troubles = 0
            self._note(step)
        except MailFailure:
            await snapshot.leave()
            raise
        except BaseException:
            snapshot.session.channel.abort()
            raise
        if matches:
            return Hit(snapshot, tuple(matches))
        await snapshot.leave()
        return None

    def _note(self, step: OpenStep) -> None:
        step.detail.update(
            messages_seen=self._search.seen,
            messages_arrived=self._search.arrived,
            searches=self._journal.searches + 1,
        )
        if self._search.newest is not None:
            step.detail["newest_seen"] = self._search.newest.isoformat()
        self._search.near.show(step)
        if self._search.refused:
            step.detail["messages_refused"] = self._search.refused
        self._journal.searched()

    async def _within_bounds(self, snapshot: Snapshot, *, full: bool) -> list[Match]:
        """A code that was read already is reported, whatever an older message does to the session."""
        matches: list[Match] = []
        try:
            async with asyncio.timeout(SESSION_SECONDS):
                await self._search.look(snapshot, matches, full=full)
        except TimeoutError:
            if not matches:
                raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None
        except MailFailure:
            if not matches:
                raise
        return matches

    def _bounded(self, pause: float) -> float:
        """No later than the window's end, but never sooner than the server wants or can bear.

        A pause is counted from one login to the next. A server that reads its whole mailbox for each
        session is left alone for as long as that took.
        """
        left = self._window.seconds_left
        wanted = (pause if not left else min(pause, left)) - (self._clock() - self._opening_began)
        return max(wanted, self._login_delay, self._opening_took)

    def _until_next_look(self) -> float:
        return max(self._window.at_most(LOOK_AGAIN_SECONDS), self._login_delay)
