"""What an IMAP server says, as bounded pieces (RFC 3501 section 7, RFC 9051 section 7)."""

import re
from dataclasses import dataclass

_LITERAL = re.compile(rb"\{(\d{1,20})\+?\}$")
_CODE = re.compile(rb"\[([A-Za-z0-9-]+)(?: ([^\]]*))?\]")
_STATUSES = (b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH")


def announced_literal(line: bytes) -> int | None:
    """Return the size of the literal that ``line`` announces at its end."""
    match = _LITERAL.search(line)
    return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class Response:
    """One response: its lines, with what announced a literal still at their end, and its literals."""

    lines: tuple[bytes, ...]
    literals: tuple[bytes, ...] = ()

    @property
    def tag(self) -> bytes:
        """``*``, ``+`` or the tag of a command."""
        return self.lines[0].partition(b" ")[0]

    @property
    def rest(self) -> bytes:
        """All of the first line behind the tag."""
        return self.lines[0].partition(b" ")[2]

    @property
    def status(self) -> bytes | None:
        """``OK``, ``NO``, ``BAD``, ``BYE`` or ``PREAUTH``, if it is a status response."""
        word = self.rest.partition(b" ")[0].upper()
        return word if word in _STATUSES else None

    @property
    def text(self) -> bytes:
        """What a status response says to people, its code in brackets included."""
        return self.rest.partition(b" ")[2]

    @property
    def code(self) -> tuple[str, bytes] | None:
        """The response code in brackets (RFC 5530) in upper case, and its argument."""
        match = _CODE.match(self.text) if self.status else None
        return (match[1].decode("ascii").upper(), match[2] or b"") if match else None

    def named(self, name: bytes) -> bytes | None:
        """Return what follows ``name`` in an untagged response such as ``* CAPABILITY …``."""
        word, _, rest = self.rest.partition(b" ")
        return rest if self.tag == b"*" and word.upper() == name else None

    def numbered(self, name: bytes) -> int | None:
        """Return the number ahead of ``name`` in an untagged response such as ``* 3 EXISTS``."""
        number, _, rest = self.rest.partition(b" ")
        named = rest.partition(b" ")[0].upper() == name
        return int(number) if self.tag == b"*" and named and number.isdigit() and len(number) < 20 else None


@dataclass(frozen=True, slots=True)
class Reply:
    """The tagged response to a command, and the untagged ones that came ahead of it."""

    tagged: Response
    untagged: tuple[Response, ...]

    @property
    def is_ok(self) -> bool:
        """Whether the server did what it was asked."""
        return self.tagged.status == b"OK"

    def code(self, name: str) -> bytes | None:
        """Return the argument of the response code ``name``, wherever it was said."""
        for response in (*self.untagged, self.tagged):
            if response.code and response.code[0] == name:
                return response.code[1]
        return None

    def number(self, name: str) -> int | None:
        """Return the argument of the response code ``name`` as a number."""
        text = self.code(name) or b""
        return int(text) if text.isdigit() and len(text) < 20 else None
