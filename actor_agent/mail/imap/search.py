"""Finding messages by their decoded subjects; a server's own search is but a hint."""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from actor_agent.mail.imap.folders import Folder
from actor_agent.mail.imap.responses import Response
from actor_agent.mail.imap.session import Session
from actor_agent.mail.subjects import MAX_SUBJECT, codes_in_header
from actor_agent.mail.wanted import Wanted
from mail_transport.failures import MailFailure
from mail_transport.limits import SLOW_REPLY_SECONDS
from wire_contract.failure_codes import FailureCode

NEWEST = 200
MAX_CODES = 16
_UID = re.compile(rb"\bUID (\d{1,10})\b")
_QUOTED_BODY = re.compile(rb'BODY\[[^\]]*\](?:<\d+>)? "((?:[^"\\]|\\.)*)"')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# The server cuts the subject: nobody can make a check fail by sending an endless one.
_SUBJECT = b"(UID BODY.PEEK[HEADER.FIELDS (SUBJECT)]<0.%d>)" % MAX_SUBJECT


@dataclass(frozen=True, slots=True)
class Match:
    """A message whose subject carries a locator."""

    uid: int
    codes: tuple[str, ...]


class _Reader:
    """Takes subjects as they come and keeps only what matches."""

    def __init__(self, wanted: Wanted, folder: Folder, first_uid: int = 1) -> None:
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
        self._folder.next_uid = max(self._folder.next_uid or 1, uid + 1)
        header = header_of(response)
        if codes := codes_in_header(header, (self._wanted.locator,)):
            self.matches.append(Match(uid, tuple(codes[:MAX_CODES])))
        elif codes_in_header(header, self._wanted.earlier_locators):
            self._folder.outdated += 1


async def search_newest(session: Session, folder: Folder, wanted: Wanted) -> list[Match]:
    """Look at the newest 200 subjects of the open ``folder``; costs the same in any mailbox."""
    reader = _Reader(wanted, folder)
    folder.has_older = folder.exists > NEWEST
    if folder.exists:
        first = max(1, folder.exists - NEWEST + 1)
        await _fetch(session, b"FETCH %d:%d" % (first, folder.exists), reader)
    folder.next_uid = folder.next_uid or folder.announced_next_uid or 1
    return list(reader.matches)


async def search_older(session: Session, folder: Folder, wanted: Wanted) -> list[Match]:
    """Look, once, at what the server's own search points to among older messages; it may take seconds.

    An empty answer proves nothing: servers search by whole words of an index.
    """
    folder.has_older = False
    reader = _Reader(wanted, folder)
    if hinted := await _hinted(session, wanted):
        await _fetch(session, b"UID FETCH " + b",".join(b"%d" % uid for uid in hinted), reader)
    return list(reader.matches)


async def search_new(session: Session, folder: Folder, wanted: Wanted) -> list[Match]:
    """Look at what arrived since the last search of the open ``folder``; costs the same in any mailbox."""
    first = folder.next_uid or 1
    reader = _Reader(wanted, folder, first)
    await session.command(b"NOOP")  # the server shows what is new between commands
    # A range up to * always holds the last message too (RFC 3501 section 9, seq-range).
    await _fetch(session, b"UID FETCH %d:*" % first, reader)
    return list(reader.matches)


async def _fetch(session: Session, command: bytes, reader: _Reader) -> None:
    whole = command + b" " + _SUBJECT
    reply = await session.command(whole, take=reader.take, seconds=SLOW_REPLY_SECONDS)
    if not reply.is_ok:
        raise MailFailure(FailureCode.MAILBOX_UNAVAILABLE, reply.tagged.text)


async def _hinted(session: Session, wanted: Wanted) -> list[int]:
    since = b"SINCE %s " % _date(wanted.since) if wanted.since else b""
    command = b'UID SEARCH %sSUBJECT "%s"' % (since, wanted.locator.encode("ascii"))
    reply = await session.command(command, seconds=SLOW_REPLY_SECONDS)
    return _newest(response.named(b"SEARCH") for response in reply.untagged)


def _newest(answers: Iterable[bytes | None]) -> list[int]:
    words = b" ".join(answer for answer in answers if answer).split()
    uids = (int(word) for word in words if word.isdigit() and len(word) <= 10)
    return sorted(uids)[-NEWEST:]


def _date(moment: datetime) -> bytes:
    # Never by strftime: the month's name follows the locale there.
    return f"{moment.day}-{_MONTHS[moment.month - 1]}-{moment.year}".encode()


def uid_of(response: Response) -> int | None:
    """Return the UID of a FETCH response."""
    if response.numbered(b"FETCH") is None:
        return None
    match = _UID.search(b" ".join(response.lines))
    return int(match[1]) if match else None


def header_of(response: Response) -> bytes:
    """Return the header fields of a FETCH response: a literal, or seldom a quoted string."""
    if response.literals:
        return response.literals[0]
    match = _QUOTED_BODY.search(response.lines[0])
    return re.sub(rb"\\(.)", rb"\1", match[1]) if match else b""
