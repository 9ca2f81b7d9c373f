"""What an SMTP server answers (RFC 5321 section 4.2), with its enhanced status code (RFC 3463)."""

import re
from dataclasses import dataclass

from mail_transport.failures import MailFailure
from wire_contract.failure_codes import FailureCode

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(rb"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a reply; ``is_last`` tells that nothing follows."""

    code: int
    text: bytes
    is_last: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply: its code and the text of each line."""

    code: int
    texts: tuple[bytes, ...]

    @property
    def is_positive(self) -> bool:
        """Whether the server did what it was asked."""
        return self.code // 100 == 2

    @property
    def said(self) -> bytes:
        """The reply as people know it: the code, then the text in one line."""
        return b"%d " % self.code + b" ".join(self.texts)

    @property
    def enhanced(self) -> str:
        """The enhanced status code such as ``5.7.8``; empty where there is none."""
        found = _ENHANCED.match(self.texts[0])
        return found[1].decode("ascii") if found else ""


def parsed(line: bytes) -> Line:
    """Read one line. Raises MailFailure ``protocol_violation``."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise MailFailure(FailureCode.PROTOCOL_VIOLATION, line)
    return Line(int(found[1]), found[3] or b"", found[2] != b"-")
