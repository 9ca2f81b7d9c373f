"""Finding messages by their decoded subjects; a server's own search is but a hint."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from actor_agent.mail.imap.folders import Folder, count_anew
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


class Reader:
    """Takes the subjects of one folder as they come and keeps only what matches.

    What is in ``matches`` was read, whatever becomes of the command or of the session.
    """

    def __init__(self, folder: Folder, wanted: Wanted, near: NearMisses) -> None:
        self.folder = folder
        self.wanted = wanted
        self.first_uid = 1
        # The newest are kept: whoever plants look-alikes can't crowd out what comes after them.
        self.matches: deque[Match] = deque(maxlen=MAX_CODES)
        self._near = near
        self._counted: set[int] = set()

    def take(self, response: Response) -> None:
        """Look at one response to a FETCH."""
        uid = uid_of(response)
        if uid is None or uid < self.first_uid:
            return
        self._count(uid)
        self.folder.next_uid = max(self.folder.next_uid or 1, uid + 1)
        self.folder.saw(arrived_at(response))
        subjects = subjects_of(header_of(response))
        if codes := codes_among(subjects, (self.wanted.locator,)):
            self.matches.append(Match(uid, tuple(codes[:MAX_CODES])))
        else:
            self._near.take(subjects, (self.folder.wire_name, uid))

    def _count(self, uid: int) -> None:
        if uid not in self._counted:  # it may have been asked for twice
            self._counted.add(uid)
            self.folder.seen += 1
            self.folder.arrived += self.first_uid > 1


async def search_newest(session: Session, reader: Reader) -> None:
    """Look at the newest 200 subjects of the open folder; costs the same in any mailbox."""
    folder = reader.folder
    await _fetch(session, partial(_newest_of, folder), reader)
    folder.older = max(0, folder.exists - NEWEST)
    folder.next_uid = folder.next_uid or folder.announced_next_uid or 1


async def search_older(session: Session, reader: Reader) -> None:
    """Look, once, at messages before the newest 200; it may take seconds.

    First at what the server's own search points to. Its empty answer proves nothing, as many servers
    search by whole words of an index: then at the newest 1,000 of what came lately.
    """
    folder, wanted = reader.folder, reader.wanted
    older, folder.older, reader.first_uid = min(folder.older, folder.exists), 0, 1
    since = b" SINCE %s" % _date(wanted.since - _DAY) if wanted.since else b""
    for criteria in (since + b' SUBJECT "%s"' % wanted.locator.encode("ascii"), since):
        uids = await _hinted(session, older, criteria)
        for begin in range(0, len(uids), NEWEST):
            await _fetch(session, partial(_chosen, uids[begin : begin + NEWEST]), reader)
        if reader.matches:
            break


async def search_new(session: Session, reader: Reader) -> None:
    """Look at what arrived since the last search of the open folder; costs the same in any mailbox."""
    reader.first_uid = first = reader.folder.next_uid or 1
    await session.command(b"NOOP")  # the server shows what is new between commands
    # A range up to * always holds the last message too (RFC 3501 section 9, seq-range).
    await _fetch(session, lambda: b"UID FETCH %d:*" % first, reader)


def _chosen(uids: list[int]) -> bytes:
    return b"UID FETCH " + b",".join(b"%d" % uid for uid in uids)


def _newest_of(folder: Folder) -> bytes:
    first = max(1, folder.exists - NEWEST + 1)
    return b"FETCH %d:%d" % (first, folder.exists) if folder.exists else b""


async def _fetch(session: Session, command: Callable[[], bytes], reader: Reader) -> None:
    """Read the subjects that ``command()`` asks for; it is empty where there is nothing to ask for.

    A server may refuse what another program has removed meanwhile until it has told of that (RFC 2180
    section 4.1.2), which it must not do in answer to FETCH (RFC 3501 section 7.4.1): so it is given the
    chance to, and asked once more. Not for a code that was read already, though.
    """
    refusal = await _refused(session, command(), reader)
    if refusal is not None and not reader.matches:
        await count_anew(session, reader.folder)
        refusal = await _refused(session, command(), reader)
    if refusal is not None and not reader.matches:
        raise MailFailure(FailureCode.MAILBOX_UNAVAILABLE, refusal)


async def _refused(session: Session, command: bytes, reader: Reader) -> bytes | None:
    """Return what the server says where it did not agree to the whole of ``command``."""
    if not command:
        return None
    whole = command + b" " + _SUBJECT
    reply = await session.command(whole, take=reader.take, seconds=SLOW_REPLY_SECONDS)
    return None if reply.is_ok else reply.tagged.text


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
