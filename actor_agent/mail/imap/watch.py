"""Searching until the message is there: at once, then often for a few seconds, then by IDLE."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from actor_agent.mail.imap.folders import Folder, find_junk, further_folders, is_empty, open_folder
from actor_agent.mail.imap.idling import idle
from actor_agent.mail.imap.search import Match, Reader, search_new, search_newest, search_older
from actor_agent.mail.near_misses import NearMisses
from actor_agent.mail.search_window import SearchWindow
from actor_agent.mail.wanted import Wanted
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.imap.session import Session
from mail_transport.journal import Journal, OpenStep
from mail_transport.limits import SESSION_SECONDS
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode

FIRST_PAUSE = 0.005
_LONGER = 1.5
LONGEST_PAUSE = 1.0
OFTEN_SECONDS = 5.0
"""A server gathers what it tells under IDLE for about half a second; asking is faster at first."""
ROUND_SECONDS = 20.0
LEAST_PAUSE = 0.2
HOLD_SECONDS = 900.0
LOOK_AGAIN_SECONDS = 60.0
SOON_SECONDS = 5.0
# A server that restarts or ends long sessions is no reason to give up waiting for mail.
_LOST = {FailureCode.CONNECTION_CLOSED, FailureCode.REPLY_TIMED_OUT}
# More folders than can be listed; what the server has still to say of them stands ahead of any other answer.
_TOO_MANY = {FailureCode.PROTOCOL_LIMIT_EXCEEDED, FailureCode.REPLY_TIMED_OUT}


@dataclass(frozen=True, slots=True)
class Hit:
    """A folder, and all messages in it that carry the locator, the newest first.

    ``uid_validity`` is the folder's when they were found: their UIDs hold no longer than that.
    """

    folder: Folder
    uid_validity: int | None
    matches: tuple[Match, ...]


Hits = tuple[Hit, ...]
"""One for each folder that holds such a message, the inbox's first; none is falsy."""


class Watch:
    """One search for one message, on a session whose ``inbox`` is open; ``reopen`` ends it and gives another."""

    def __init__(
        self,
        session: Session,
        inbox: Folder,
        wanted: Wanted,
        window: SearchWindow,
        journal: Journal,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        reopen: Callable[[], Awaitable[Session]],
    ) -> None:
        self._session = session
        self._reopen = reopen
        self._inbox = inbox
        self._wanted = wanted
        self._near = NearMisses(wanted)
        self._window = window
        self._journal = journal
        self._clock = clock
        self._sleep = sleep
        self._folders = [inbox]
        self._are_listed = False
        self._junk_not_listed: FailureCode | None = None
        self._hits: list[Hit] = []

    async def run(self) -> Hits:
        """Search until found, and then through the other folders once: one may hold a look-alike.

        Raises:
            MailFailure: ``code_not_found`` after a last full search when the window is over, and others.
            LookAgain: after 15 minutes, or when the connection is lost while there is time left.
        """
        with self._journal.step(StepName.SEARCH) as step:
            try:
                hits = await self._until_found(step)
            except MailFailure as failure:
                self._near.conclude(step, self._journal, found=False)
                if failure.code in _LOST and self._journal.searches and not self._window.is_over:
                    raise LookAgain(SOON_SECONDS) from None
                raise
            self._near.conclude(step, self._journal, found=True)
            return hits

    async def _until_found(self, step: OpenStep) -> Hits:
        began = self._clock()
        hits = await self._round(step) or await self._often(step, began + OFTEN_SECONDS)
        while not hits:
            over = self._window.is_over
            hits = await self._round(step)
            if not hits and over:
                raise MailFailure(FailureCode.CODE_NOT_FOUND)
            if not hits and self._clock() - began > HOLD_SECONDS:
                raise LookAgain(self._window.at_most(LOOK_AGAIN_SECONDS))
            hits = hits or await self._wait(step)
        return hits

    async def _round(self, step: OpenStep) -> Hits:
        """Search every folder to the end; the inbox is open afterwards if nothing is found."""
        hits = await self._within_bounds(self._all_folders())
        self._journal.searched()
        self._show(step)
        return hits

    def _show(self, step: OpenStep) -> None:
        opened = [each.name for each in self._folders if each.unopened is None]
        step.detail.update(
            folders=[*opened],
            not_opened={each.name: each.unopened for each in self._folders if each.unopened},
            messages_seen=sum(each.seen for each in self._folders),
            messages_arrived=sum(each.arrived for each in self._folders),
            searches=self._journal.searches,
        )
        if self._junk_not_listed:
            step.detail["junk_not_listed"] = self._junk_not_listed.value
        if arrivals := [each.newest for each in self._folders if each.newest is not None]:
            step.detail["newest_seen"] = max(arrivals).isoformat()
        self._near.show(step)

    async def _all_folders(self) -> None:
        await self._search_through(self._inbox)
        await self._other_folders()
        if not self._hits:
            await open_folder(self._session, self._inbox)

    async def _other_folders(self) -> None:
        if not self._are_listed:
            junk = await self._find_junk()
            self._folders += further_folders(self._inbox, junk, self._wanted.folders)
            self._are_listed = True
        for folder in self._folders[1:]:
            await self._search_closed(folder)

    async def _find_junk(self) -> Folder | None:
        """Only behind the inbox: it may take a minute, and the inbox is what is checked."""
        try:
            return await find_junk(self._session)
        except MailFailure as failure:
            if failure.code not in _TOO_MANY:
                raise
            self._junk_not_listed = failure.code
            self._session = await self._reopen()
            return None

    async def _search_closed(self, folder: Folder) -> None:
        # Later rounds open it, whatever the server says.
        if (self._hits or not self._journal.searches) and await is_empty(self._session, folder):
            return
        try:
            await open_folder(self._session, folder)
        except MailFailure as failure:
            if not failure.code.startswith("mailbox_"):
                raise
            folder.unopened = failure.code.value  # the inbox can be read, and that is what is checked
            return
        folder.unopened = None
        await self._search_through(folder)

    async def _search_through(self, folder: Folder) -> None:
        """The newest at first and what came since later on; what is older in the second round."""
        first = folder.next_uid is None
        with self._keeping(folder) as reader:
            await (search_newest if first else search_new)(self._session, reader)
            if not first and not reader.matches and folder.older:
                await search_older(self._session, reader)

    async def _search_inbox(self) -> None:
        with self._keeping(self._inbox) as reader:
            await search_new(self._session, reader)
        if self._hits:
            await self._other_folders()

    @contextmanager
    def _keeping(self, folder: Folder) -> Iterator[Reader]:
        """Keep what is read in this block, however it ends."""
        reader = Reader(folder, self._wanted, self._near)
        try:
            yield reader
        finally:
            if reader.matches:
                newest_first = sorted(reader.matches, key=lambda match: match.uid, reverse=True)
                self._hits.append(Hit(folder, folder.uid_validity, tuple(newest_first)))

    async def _inbox_searched(self, step: OpenStep) -> Hits:
        if hits := await self._within_bounds(self._search_inbox()):
            self._show(step)
        elif self._near.show(step):
            self._journal.progressed()
        return hits

    async def _often(self, step: OpenStep, until: float) -> Hits:
        pause = FIRST_PAUSE
        while self._clock() < until and not self._window.is_over:
            await self._sleep(pause)
            if hits := await self._inbox_searched(step):
                return hits
            pause = min(pause * _LONGER, LONGEST_PAUSE)
        return ()

    async def _wait(self, step: OpenStep) -> Hits:
        """Until the next round is due: search the inbox whenever the server says that it changed."""
        due = self._clock() + self._window.at_most(ROUND_SECONDS)
        while (left := due - self._clock()) > 0:
            if not ("IDLE" in self._session.capabilities and await idle(self._session, left)):
                await self._sleep(left)
                return ()
            if hits := await self._inbox_searched(step):
                return hits
            await self._sleep(LEAST_PAUSE)  # whatever the server says, it is not asked without pause
        return ()

    async def _within_bounds(self, search: Awaitable[None]) -> Hits:
        """A code that was read already is reported, whatever the server does to the session after that."""
        try:
            async with asyncio.timeout(SESSION_SECONDS):
                await search
        except TimeoutError:
            if not self._hits:
                raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None
        except MailFailure:
            if not self._hits:
                raise
        return tuple(self._hits)
