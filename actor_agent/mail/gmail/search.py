"""Finding the message by its subject among the newest: each message's headers are fetched once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from actor_agent.mail.gmail.api import Headers, Mailbox
from actor_agent.mail.near_misses import NearMisses
from actor_agent.mail.subjects import codes_among, subjects_of
from actor_agent.mail.wanted import Wanted
from mail_transport.failures import MailFailure
from wire_contract.base import JsonValue
from wire_contract.jobs import GmailScope

MOST_PAGES = 5
"""A search looks no further back than 500 messages; a dedicated mailbox gets fewer in two days."""
_AT_ONCE = 4
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC).timestamp()
SPAM, TRASH = "SPAM", "TRASH"


@dataclass(frozen=True, slots=True)
class Match:
    """A message that carries the locator, and the codes in its subject."""

    headers: Headers
    codes: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Where a person finds it."""
        return next((label for label in (SPAM, "INBOX") if label in self.headers.labels), "ALL_MAIL")


@dataclass
class Search:
    """What is looked for, and what earlier rounds saw.

    ``_arrived`` are the messages that were read, and when they arrived; ``_settled`` those that a look
    which came to its end has listed: nothing behind them is news. ``_there_before`` were there at the first.
    """

    mailbox: Mailbox
    wanted: Wanted
    scope: GmailScope
    near: NearMisses = field(init=False)
    _arrived: dict[str, float] = field(default_factory=dict)
    _matches: list[Match] = field(default_factory=list)
    _settled: set[str] = field(default_factory=set)
    _there_before: int | None = None
    _in_trash: int = 0

    def __post_init__(self) -> None:
        self.near = NearMisses(self.wanted)

    @property
    def detail(self) -> dict[str, JsonValue]:
        """What the step shows: how many messages were looked at."""
        seen = len(self._arrived)
        shown: dict[str, JsonValue] = {
            "messages_seen": seen,
            "messages_arrived": 0 if self._there_before is None else seen - self._there_before,
            "messages_in_trash": self._in_trash,
        }
        newest = max(self._arrived.values(), default=0.0)
        if 0 < newest < _LAST_MOMENT:
            shown["newest_seen"] = datetime.fromtimestamp(newest, UTC).isoformat()
        return shown

    async def look(self, *, full: bool) -> list[Match]:
        """Look at what came since the last completed look, or at everything if ``full``, the newest first.

        A match counts although something behind it could not be read. Raises MailFailure.
        """
        try:
            await self._look(full=full)
        except MailFailure:
            if not self._matches:
                raise
        return sorted(self._matches, key=lambda match: match.headers.arrived, reverse=True)

    async def _look(self, *, full: bool) -> None:
        page: str | None = None
        listed: set[str] = set()
        for _ in range(MOST_PAGES):
            listing = await self.mailbox.list_newest(self._query, page)
            await self._read([each for each in listing.ids if not self._is_known(each)])
            listed.update(listing.ids)
            page = listing.next_page
            known = not full and not self._settled.isdisjoint(listing.ids)
            if page is None or known or self._is_too_old(listing.ids):
                break
        self._settled |= listed
        if self._there_before is None:
            self._there_before = len(self._arrived)

    @property
    def _query(self) -> str | None:
        if self.scope is GmailScope.METADATA or self.wanted.since is None:
            return None
        return f"after:{int(self.wanted.since.timestamp())}"

    def _is_known(self, message_id: str) -> bool:
        return message_id in self._arrived or message_id in self._settled

    async def _read(self, ids: list[str]) -> None:
        for start in range(0, len(ids), _AT_ONCE):
            batch = ids[start : start + _AT_ONCE]
            results = await asyncio.gather(*map(self._read_one, batch), return_exceptions=True)
            for result in results:
                if isinstance(result, BaseException):
                    raise result
            if self._is_too_old(batch):
                break

    async def _read_one(self, message_id: str) -> None:
        headers = await self.mailbox.headers(message_id)
        self._arrived[message_id] = headers.arrived if headers else 0.0
        if headers is not None:
            self._take(headers)

    def _is_too_old(self, ids: Sequence[str]) -> bool:
        """Tell whether the last of these that was read came before the message can have been sent."""
        since = self.wanted.since
        times = [arrived for each in ids if (arrived := self._arrived.get(each))]
        return since is not None and bool(times) and times[-1] < since.timestamp()

    def _take(self, headers: Headers) -> None:
        raw = (b"Subject: " + subject.encode() for subject in headers.subjects)
        subjects = [form for each in raw for form in subjects_of(each)]
        codes = codes_among(subjects, (self.wanted.locator,))
        if TRASH in headers.labels:
            self._in_trash += bool(codes)
        elif codes:
            self._matches.append(Match(headers, tuple(codes)))
        else:
            self.near.take(subjects, headers.id)
