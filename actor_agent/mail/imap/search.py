"""Finding messages by their decoded subjects; a server's own search is but a hint."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from actor_agent.mail.imap.folders import Folder
from actor_agent.mail.near_misses import NearMisses
from actor_agent.mail.subjects import MAX_SUBJECT, codes_among, subjects_of
from actor_agent.mail.wanted import Wanted
from mail_transport.failures import MailFailure
from mail_transport.imap.fetching import MONTHS, arrived_at, header_of, uid_of
from mail_transport.imap.responses import Response
from mail_transport.imap.session import Session
from mail_transport.limits import SLOW_REPLY_SECONDS
from wire_contract.failure_codes import FailureCode

NEWEST = 200
MAX_CODES = 16
_MOST_HINTED = 1000
# The answer is one line of up to 11 bytes for each message, and a line of 64 KiB ends the session.
_AT_ONCE = 5000
_MOST_SEARCHED = 100_000
# A server compares the dates of its own time zone (RFC 3501 section 6.4.4).
_DAY = timedelta(days=1)
# The server cuts the subject: nobody can make a check fail by sending an endless one.
_SUBJECT = b"(UID INTERNALDATE BODY.PEEK[HEADER.FIELDS (SUBJECT)]<0.%d>)" % MAX_SUBJECT


@dataclass(frozen=True, slots=True)
class Match:
    """A message whose subject carries a locator."""

    uid: int
    codes: tuple[str, ...]


class _Reader:
    """Takes subjects as they come and keeps only what matches."""

    def __init__(self, wanted: Wanted, near: NearMisses, folder: Folder, first_uid: int = 1) -> None:
        self._near = near
        self._wanted = wanted
        self._folder = folder
        self._first_uid = first_uid
        # The newest are kept: whoever plants look-alikes can't crowd out what comes after them.
        self.matches: deque[Match] = deque(maxlen=MAX_CODES)

    def take(self, response: Response) -> None:
        uid = uid_of(response)
        if uid is None or uid < self._first_uid:
            return
        self._folder.seen += 1
        self._folder.arrived += self._first_uid > 1
        self._folder.next_uid = max(self._folder.next_uid or 1, uid + 1)
        self._folder.saw(arrived_at(response))
        subjects = subjects_of(header_of(response))
        if codes := codes_among(subjects, (self._wanted.locator,)):
            self.matches.append(Match(uid, tuple(codes[:MAX_CODES])))
        else:
            self._near.take(subjects, (self._folder.wire_name, uid))


async def search_newest(session: Session, folder: Folder, wanted: Wanted, near: NearMisses) -> list[Match]:
    """Look at the newest 200 subjects of the open ``folder``; costs the same in any mailbox."""
    reader = _Reader(wanted, near, folder)
    folder.older = max(0, folder.exists - NEWEST)
    if folder.exists:
        first = max(1, folder.exists - NEWEST + 1)
        await _fetch(session, b"FETCH %d:%d" % (first, folder.exists), reader)
    folder.next_uid = folder.next_uid or folder.announced_next_uid or 1
    return list(reader.matches)


async def search_older(session: Session, folder: Folder, wanted: Wanted, near: NearMisses) -> list[Match]:
    """Look, once, at messages before the newest 200; it may take seconds.

    First at what the server's own search points to. Its empty answer proves nothing, as many servers
    search by whole words of an index: then at the newest 1,000 of what came lately.
    """
    older, folder.older = min(folder.older, folder.exists), 0
    reader = _Reader(wanted, near, folder)
    since = b" SINCE %s" % _date(wanted.since - _DAY) if wanted.since else b""
    for criteria in (since + b' SUBJECT "%s"' % wanted.locator.encode("ascii"), since):
        uids = await _hinted(session, older, criteria)
        for begin in range(0, len(uids), NEWEST):
            chosen = b",".join(b"%d" % uid for uid in uids[begin : begin + NEWEST])
            await _fetch(session, b"UID FETCH " + chosen, reader)
        if reader.matches:
            break
    return list(reader.matches)


async def search_new(session: Session, folder: Folder, wanted: Wanted, near: NearMisses) -> list[Match]:
    """Look at what arrived since the last search of the open ``folder``; costs the same in any mailbox."""
    first = folder.next_uid or 1
    reader = _Reader(wanted, near, folder, first)
    await session.command(b"NOOP")  # the server shows what is new between commands
    # A range up to * always holds the last message too (RFC 3501 section 9, seq-range).
    await _fetch(session, b"UID FETCH %d:*" % first, reader)
    return list(reader.matches)


async def _fetch(session: Session, command: bytes, reader: _Reader) -> None:
    whole = command + b" " + _SUBJECT
    reply = await session.command(whole, take=reader.take, seconds=SLOW_REPLY_SECONDS)
    if not reply.is_ok:
        raise MailFailure(FailureCode.MAILBOX_UNAVAILABLE, reply.tagged.text)


async def _hinted(session: Session, older: int, criteria: bytes) -> list[int]:
    """Return which of the first ``older`` messages meet ``criteria``, by the server's word."""
    newest = _Newest()
    for last in range(older, max(0, older - _MOST_SEARCHED), -_AT_ONCE):
        command = b"UID SEARCH %d:%d%s" % (max(1, last - _AT_ONCE + 1), last, criteria)
        await session.command(command, take=newest.take, seconds=SLOW_REPLY_SECONDS)
        if newest.is_full:
            break
    return newest.uids


class _Newest:
    """Takes the answers to SEARCH as they come and keeps the highest UIDs."""

    def __init__(self) -> None:
        self._uids: set[int] = set()

    def take(self, response: Response) -> None:
        words = (response.named(b"SEARCH") or b"").split()
        self._uids.update(int(word) for word in words if word.isdigit() and len(word) <= 10)
        if len(self._uids) > 10 * _MOST_HINTED:
            self._uids = set(self.uids)

    @property
    def is_full(self) -> bool:
        return len(self._uids) >= _MOST_HINTED

    @property
    def uids(self) -> list[int]:
        return sorted(self._uids)[-_MOST_HINTED:]


def _date(moment: datetime) -> bytes:
    return f"{moment.day}-{MONTHS[moment.month - 1]}-{moment.year}".encode()
