"""Finding the message by its subject, on our side: Graph's own search lags behind and is not always allowed."""

from dataclasses import dataclass, field

from actor_agent.mail.graph.mailbox import JUNK, GraphMailbox, Message
from actor_agent.mail.near_misses import NearMisses
from actor_agent.mail.subjects import codes_among, subjects_of
from actor_agent.mail.wanted import Wanted
from wire_contract.base import JsonValue

MOST_PAGES = 20
MAX_CODES = 16


@dataclass(frozen=True, slots=True)
class Match:
    """A message whose subject carries the locator."""

    message: Message
    codes: tuple[str, ...]
    in_junk: bool


@dataclass(slots=True)
class Search:
    """What is looked for, and what earlier rounds saw."""

    mailbox: GraphMailbox
    wanted: Wanted
    near: NearMisses = field(init=False)
    _known: set[str] = field(default_factory=set)
    _newest: str = ""
    _there_before: int | None = None

    def __post_init__(self) -> None:
        self.near = NearMisses(self.wanted)

    @property
    def detail(self) -> dict[str, JsonValue]:
        """What the step shows: where was looked, and at how many messages."""
        newest: dict[str, JsonValue] = {"newest_seen": self._newest} if self._newest else {}
        seen = len(self._known)
        arrived = 0 if self._there_before is None else seen - self._there_before
        return {
            "folders": ["messages", JUNK],
            "messages_seen": seen,
            "messages_arrived": arrived,
            **newest,
        }

    async def look(self, *, full: bool) -> list[Match]:
        """Look at what is new, or at everything since the wanted time if ``full``; junk last.

        At most 1000 messages of each. Raises MailFailure.
        """
        junk = await self._listed(JUNK, full=full)
        rest = await self._listed(None, full=full)
        if self._there_before is None:
            self._there_before = len(self._known)
        spam = {match.message.id for match in junk}
        return [match for match in rest if match.message.id not in spam] + junk

    async def _listed(self, folder: str | None, *, full: bool) -> list[Match]:
        matches: list[Match] = []
        looked_at: set[str] = set()
        pages = 0
        async for page in self.mailbox.pages(folder, self.wanted.since):
            pages += 1
            fresh = [message for message in page if full or message.id not in self._known]
            matches += [match for message in fresh if (match := self._match(message, folder == JUNK))]
            looked_at.update(message.id for message in fresh)
            # RFC 3339 in UTC, so that the order of the texts is that of the moments.
            self._newest = max([self._newest, *(message.received for message in fresh)])
            if (page and not fresh) or pages >= MOST_PAGES:
                break
        # Only now: what follows a page that could not be read must not be taken for known.
        self._known |= looked_at - {match.message.id for match in matches}
        return matches

    def _match(self, message: Message, in_junk: bool) -> Match | None:
        header = b"subject: " + " ".join(message.subject.splitlines()).encode("utf-8", "replace")
        subjects = subjects_of(header)
        if codes := codes_among(subjects, (self.wanted.locator,)):
            return Match(message, tuple(codes[:MAX_CODES]), in_junk)
        self.near.take(subjects, message.id)
        return None
