"""Which folders are looked into, and opening one for reading."""

import re
from dataclasses import dataclass
from datetime import datetime

from mail_transport.failures import MailFailure
from mail_transport.imap.responses import Reply, Response
from mail_transport.imap.session import Session, Take
from mail_transport.imap.strings import folder_from_wire, folder_to_wire, with_strings
from mail_transport.limits import SLOW_REPLY_SECONDS
from wire_contract.failure_codes import FailureCode

INBOX = "INBOX"
_NO_MESSAGES = re.compile(rb"\(MESSAGES 0\)$", re.IGNORECASE)
_LISTED = re.compile(rb'^\(([^)]*)\) (?:NIL|"(?:[^"\\]|\\.)*") (.*)$', re.DOTALL)
_MAX_FOLDERS = 32
_BY_RESPONSE_CODE = {
    "NONEXISTENT": FailureCode.MAILBOX_NOT_FOUND,
    "TRYCREATE": FailureCode.MAILBOX_NOT_FOUND,
    "NOPERM": FailureCode.MAILBOX_NOT_PERMITTED,
    "AUTHORIZATIONFAILED": FailureCode.MAILBOX_NOT_PERMITTED,
    "INUSE": FailureCode.MAILBOX_IN_USE,
}
# Microsoft's, where the login is good and the mailbox is another's, or has no licence for IMAP.
_NOT_PERMITTED = b"user is authenticated but not connected"
_MISSING = (b"doesn't exist", b"does not exist", b"not found", b"no such", b"unknown mailbox", b"nonexistent")


@dataclass(slots=True)
class Folder:
    """A folder and how far it was searched. ``wire_name`` is its name as the server writes it.

    ``older`` counts the first messages, which were not looked at yet.
    """

    wire_name: str
    is_junk: bool = False
    uid_validity: int | None = None
    next_uid: int | None = None
    announced_next_uid: int | None = None
    older: int = 0
    exists: int = 0
    seen: int = 0
    arrived: int = 0
    unopened: str | None = None
    newest: datetime | None = None

    def saw(self, arrived: datetime | None) -> None:
        """Note when a message that was looked at had arrived."""
        if arrived is not None and (self.newest is None or arrived > self.newest):
            self.newest = arrived

    @property
    def name(self) -> str:
        """The name as people know it."""
        return folder_from_wire(self.wire_name)


async def open_folder(session: Session, folder: Folder, *, writable: bool = False) -> None:
    """Open ``folder``: by EXAMINE, which changes nothing, or by SELECT. Raises MailFailure ``mailbox_*``.

    One that is open stays as it is: opening a large one costs the server a while.
    """
    if session.selected == (folder.wire_name, writable):
        return
    verb = b"SELECT" if writable else b"EXAMINE"
    session.selected = None  # nothing is, where the server refuses (RFC 3501 section 6.3.1)
    reply = await session.command(*with_strings(verb, folder.wire_name), seconds=SLOW_REPLY_SECONDS)
    if not reply.is_ok:
        raise _refusal(reply)
    validity = reply.number("UIDVALIDITY")
    if validity != folder.uid_validity:  # its messages were numbered anew (RFC 3501 section 2.3.1.1)
        folder.uid_validity, folder.next_uid = validity, None
    folder.announced_next_uid = reply.number("UIDNEXT")
    counts = [count for each in reply.untagged if (count := each.numbered(b"EXISTS")) is not None]
    folder.exists = counts[-1] if counts else 0
    session.selected = (folder.wire_name, writable)


async def count_anew(session: Session, folder: Folder) -> None:
    """Have the server tell how many messages the open ``folder`` holds by now.

    What was removed it tells one by one, and not the number that is left (RFC 3501 section 7.4.1).
    """
    for told in (await session.command(b"NOOP")).untagged:
        if (count := told.numbered(b"EXISTS")) is not None:
            folder.exists = count
        elif told.numbered(b"EXPUNGE") is not None:
            folder.exists = max(0, folder.exists - 1)


async def is_empty(session: Session, folder: Folder) -> bool:
    """Tell whether ``folder`` holds no message by the server's word; the open folder stays open.

    Closing and opening a large one costs a server more than this (RFC 3501 section 6.3.10).
    """
    verb, *names = with_strings(b"STATUS", folder.wire_name)
    reply = await session.command(verb + b" (MESSAGES)", *names, seconds=SLOW_REPLY_SECONDS)
    counted = [each for each in reply.untagged if each.named(b"STATUS") is not None]
    return reply.is_ok and any(_NO_MESSAGES.search(each.lines[-1]) for each in counted)


def _refusal(reply: Reply) -> MailFailure:
    said = reply.tagged.text
    name = reply.tagged.code[0] if reply.tagged.code else ""
    return MailFailure(_BY_RESPONSE_CODE.get(name) or _by_text(said.lower()), said)


def _by_text(said: bytes) -> FailureCode:
    if _NOT_PERMITTED in said:
        return FailureCode.MAILBOX_NOT_PERMITTED
    missing = any(words in said for words in _MISSING)
    return FailureCode.MAILBOX_NOT_FOUND if missing else FailureCode.MAILBOX_UNAVAILABLE


def first_folder(mailbox: str | None, username: str) -> Folder:
    """Return the folder to read: the account's inbox, or the shared one that ``mailbox`` names.

    A shared mailbox is a folder in IMAP: ``mailbox`` is its name as the server lists it. The account's
    own name means its inbox.
    """
    own = mailbox is None or mailbox.lower() in {username.lower(), INBOX.lower()}
    return Folder(INBOX if own else folder_to_wire(mailbox or INBOX))


async def find_junk(session: Session) -> Folder | None:
    """Return the junk folder, if there is one that the server marks as such.

    Where it can be asked for these alone (RFC 6154 section 2), it is: an account may see many thousands
    of folders. Raises MailFailure, among others where an answer is longer than is borne.
    """
    marked: list[str] = []

    def take(response: Response) -> None:
        attributes, name = _listed(response)
        if b"\\junk" in attributes and not marked:
            marked.append(name)

    if not await _listed_special(session, take):
        await session.command(b'LIST "" "*"', take=take, seconds=SLOW_REPLY_SECONDS)
    return Folder(marked[0], is_junk=True) if marked else None


async def _listed_special(session: Session, take: Take) -> bool:
    if not {"SPECIAL-USE", "LIST-EXTENDED"} <= session.capabilities:
        return False
    reply = await session.command(b'LIST (SPECIAL-USE) "" "*"', take=take, seconds=SLOW_REPLY_SECONDS)
    return reply.is_ok


def further_folders(inbox: Folder, junk: Folder | None, names: tuple[str, ...]) -> list[Folder]:
    """Return the folders to search behind ``inbox``: ``junk``, and those of ``names``."""
    wired = dict.fromkeys(folder_to_wire(name) for name in names)
    known = {INBOX, inbox.wire_name, junk.wire_name if junk else INBOX}
    named = [Folder(name) for name in wired if name not in known]
    marked = [junk] if junk and junk.wire_name != inbox.wire_name else []
    return [*marked, *named][:_MAX_FOLDERS]


def _listed(response: Response) -> tuple[list[bytes], str]:
    match = _LISTED.match(response.named(b"LIST") or b"")
    if match is None:
        return [], ""
    name = response.literals[-1] if response.literals else _unquoted(match[2])
    return match[1].lower().split(), name.decode("utf-8", "replace")


def _unquoted(name: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", name[1:-1]) if name.startswith(b'"') else name
