"""Finding messages by their decoded subjects, from the newest downwards, by their headers alone."""

from dataclasses import dataclass, field
from datetime import datetime

from actor_agent.mail.evidence import MAX_HEADER, arrived_by
from actor_agent.mail.near_misses import NearMisses
from actor_agent.mail.pop3.maildrop import Snapshot
from actor_agent.mail.pop3.session import Session
from actor_agent.mail.subjects import codes_among, subjects_of
from actor_agent.mail.wanted import Wanted
from mail_transport.failures import MailFailure
from wire_contract.failure_codes import FailureCode

NEWEST = 200
MAX_CODES = 16
_MARKS = 8
"""Of how many messages the unique id is asked: by one of them a later look knows where the news end. These
are the newest, so they tell when the newest came too."""
_LONGEST_ID = 512
_MOST_REFUSED = 8


@dataclass(frozen=True, slots=True)
class Match:
    """A message whose subject carries a locator; ``number`` holds within its session."""

    number: int
    codes: tuple[str, ...]
    header: bytes = field(repr=False)


@dataclass(slots=True)
class Search:
    """What is looked for, and what earlier sessions saw already: ``seen`` counts headers, ``arrived``
    those that a first session did not show, ``newest`` is when the latest of all had arrived.
    """

    wanted: Wanted
    seen: int = 0
    arrived: int = 0
    refused: int = 0
    newest: datetime | None = None
    near: NearMisses = field(init=False)
    _known: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.near = NearMisses(self.wanted)

    async def look(self, snapshot: Snapshot, matches: list[Match], *, full: bool) -> None:
        """Look at what is new among the newest 200 messages, or at all of these if ``full``.

        What is found is added to ``matches`` at once: it was read, whatever becomes of the session.

        Raises:
            MailFailure: ``mailbox_unavailable`` if no header can be read, ``protocol_violation`` if the
                server has no TOP.
        """
        session, newest = snapshot.session, snapshot.messages
        fresh: set[bytes] = set()
        for number in range(newest, max(0, newest - NEWEST), -1):
            is_marked = newest - number < _MARKS
            mark = await _unique_id(session, number) if is_marked else None
            if mark in self._known and not full:
                break
            if mark is not None:
                fresh.add(mark)
            if len(matches) < MAX_CODES:
                matches += await self._matching(session, number, dated=is_marked)
        self._known |= fresh

    async def _matching(self, session: Session, number: int, *, dated: bool) -> list[Match]:
        header = await self._header(session, number)
        if header is None:
            return []
        self.seen += 1
        self.arrived += bool(self._known)
        if dated:
            self._saw(arrived_by(_whole(header)))
        subjects = subjects_of(_subject(header))
        if codes := codes_among(subjects, (self.wanted.locator,)):
            return [Match(number, tuple(codes[:MAX_CODES]), _whole(header))]
        self.near.take(subjects, number)
        return []

    def _saw(self, arrived: datetime | None) -> None:
        if arrived is not None and (self.newest is None or arrived > self.newest):
            self.newest = arrived

    async def _header(self, session: Session, number: int) -> list[bytes] | None:
        """Return the header's lines, or None if the message was removed since the session began."""
        reply, lines = await session.ask_lines(b"TOP %d 0" % number)
        if reply.is_ok:
            return lines[: lines.index(b"")] if b"" in lines else lines
        if "TOP" not in session.capabilities:
            missing = {"command": "TOP", "error": "the server has no TOP, so no header can be read by itself"}
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION, reply.text, dict(missing))
        self.refused += 1
        if not self.seen and self.refused >= _MOST_REFUSED:
            raise MailFailure(FailureCode.MAILBOX_UNAVAILABLE, reply.text)
        return None


async def _unique_id(session: Session, number: int) -> bytes | None:
    """Ask for one message's unique id (RFC 1939 section 7), never for the list of all."""
    if session.capabilities and "UIDL" not in session.capabilities:
        return None
    reply = await session.command(b"UIDL %d" % number)
    return reply.text.partition(b" ")[2][:_LONGEST_ID] or None if reply.is_ok else None


def _whole(header: list[bytes]) -> bytes:
    return b"\r\n".join(header)[:MAX_HEADER]


def _subject(header: list[bytes]) -> bytes:
    """Return the subject's lines alone: other fields may be of any length."""
    taken: list[bytes] = []
    inside = False
    for line in header:
        if not line.startswith((b" ", b"\t")):
            inside = line.partition(b":")[0].strip().lower() == b"subject"
        if inside:
            taken.append(line)
    return b"\r\n".join(taken)
