"""What a FETCH response holds (RFC 3501 section 7.4.2)."""

import re

from mail_transport.imap.responses import Response

_UID = re.compile(rb"\bUID (\d{1,10})\b")
_QUOTED_BODY = re.compile(rb'BODY\[[^\]]*\](?:<\d+>)? "((?:[^"\\]|\\.)*)"')


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
