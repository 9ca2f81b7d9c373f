"""One search through the newest messages: each message's headers are fetched once."""

import asyncio
from dataclasses import dataclass, field

from actor_agent.mail.gmail.api import Headers, Mailbox
from actor_agent.mail.near_misses import NearMisses
from actor_agent.mail.subjects import codes_in_header
from actor_agent.mail.wanted import Wanted
from wire_contract.jobs import GmailScope

MOST_MESSAGES = 500
"""A search looks no further back; a dedicated mailbox gets fewer in two days."""
_AT_ONCE = 4
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
    """What was seen of the mailbox so far."""

    mailbox: Mailbox
    wanted: Wanted
    scope: GmailScope
    seen: set[str] = field(default_factory=set)
    in_trash: int = 0
    near: NearMisses = field(init=False)

    def __post_init__(self) -> None:
        self.near = NearMisses(self.wanted)

    async def look(self) -> list[Match]:
        """Look through what came since the last look, the newest first. Raises MailFailure."""
        matches: list[Match] = []
        page: str | None = None
        looked_at = 0
        while looked_at < MOST_MESSAGES:
            listing = await self.mailbox.list_newest(self._query, page)
            looked_at += max(len(listing.ids), 1)
            fresh = [each for each in listing.ids if each not in self.seen]
            fetched = await self._fetch(fresh)
            matches += [match for match in map(self._match, fetched) if match]
            page = listing.next_page
            if page is None or len(fresh) < len(listing.ids) or self._too_old(fetched):
                break
        return sorted(matches, key=lambda match: match.headers.arrived, reverse=True)

    @property
    def _query(self) -> str | None:
        if self.scope is GmailScope.METADATA or self.wanted.since is None:
            return None
        return f"after:{int(self.wanted.since.timestamp())}"

    async def _fetch(self, ids: list[str]) -> list[Headers]:
        found: list[Headers] = []
        for start in range(0, len(ids), _AT_ONCE):
            batch = ids[start : start + _AT_ONCE]
            answers = await asyncio.gather(*(self.mailbox.headers(each) for each in batch))
            self.seen.update(batch)
            found += [each for each in answers if each is not None]
            if self._too_old(found):
                break
        return found

    def _too_old(self, fetched: list[Headers]) -> bool:
        since = self.wanted.since
        return since is not None and bool(fetched) and 0 < fetched[-1].arrived < since.timestamp()

    def _match(self, headers: Headers) -> Match | None:
        subjects = [b"Subject: " + subject.encode() for subject in headers.subjects]
        codes = [code for raw in subjects for code in codes_in_header(raw, (self.wanted.locator,))]
        if codes and TRASH in headers.labels:
            self.in_trash += 1
            return None
        if not codes:
            for raw in subjects:
                self.near.take(raw, headers.id)
            return None
        return Match(headers, tuple(dict.fromkeys(codes)))
