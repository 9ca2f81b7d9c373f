"""What a POP3 server says: status lines (RFC 1939 section 3, RFC 2449 section 8) and multi-line answers."""

import re
from dataclasses import dataclass

from mail_transport.failures import MailFailure
from mail_transport.limits import MAX_LITERAL, MAX_REPLY
from wire_contract.failure_codes import FailureCode

_CODE = re.compile(rb"\[([A-Za-z0-9/-]{1,64})(?: [^\]]*)?\]")
_END = re.compile(rb"\n\.\r?\n")
_LONGEST_START_OF_END = 3


@dataclass(frozen=True, slots=True)
class Reply:
    """One status line."""

    line: bytes

    @property
    def is_ok(self) -> bool:
        """Whether the server did what it was asked."""
        return self._status == b"+OK"

    @property
    def is_refusal(self) -> bool:
        """Whether it says ``-ERR``."""
        return self._status == b"-ERR"

    @property
    def asks_for_more(self) -> bool:
        """Whether it is a challenge of a SASL exchange (RFC 5034 section 4)."""
        return self._status == b"+"

    @property
    def _status(self) -> bytes:
        return self.line.partition(b" ")[0].upper()

    @property
    def text(self) -> bytes:
        """What it says behind the status, its response code included."""
        return self.line.partition(b" ")[2]

    @property
    def code(self) -> str | None:
        """The response code in brackets (RFC 2449 section 8, RFC 3206) in upper case."""
        match = _CODE.match(self.text)
        return match[1].decode("ascii").upper() if match else None


class MultiLine:
    """Takes a multi-line answer in whatever pieces it arrives and keeps its first 256 KiB.

    What is above that is dropped, lines without an end included, since whoever can send a message
    could otherwise make a check fail. Past 8 MiB it is the server that is ill.
    """

    def __init__(self) -> None:
        self._kept = bytearray()
        self._received = 0
        self._tail = b"\n"  # the status line's end: the answer may be empty

    def feed(self, piece: bytes) -> bool:
        """Take a piece and tell whether the answer is complete.

        Raises:
            MailFailure: ``protocol_limit_exceeded``; ``protocol_violation`` if something follows the end.
        """
        self._received += len(piece)
        if self._received > MAX_REPLY:
            raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED, detail={"received_bytes": self._received})
        self._kept += piece[: max(0, MAX_LITERAL - len(self._kept))]
        seen = self._tail + piece
        self._tail = seen[-_LONGEST_START_OF_END:]
        end = _END.search(seen)
        if end and end.end() < len(seen):
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION, seen[end.end() :])
        return end is not None

    def lines(self) -> list[bytes]:
        """Return the lines that were kept, without CRLF and byte-stuffing (RFC 1939 section 3)."""
        lines = []
        for line in bytes(self._kept).split(b"\n"):
            text = line.removesuffix(b"\r")
            if text == b".":
                break
            lines.append(text.removeprefix(b"."))
        return lines
