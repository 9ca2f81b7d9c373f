"""What a FETCH response holds (RFC 3501 section 7.4.2)."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from mail_transport.imap.responses import Response

_UID = re.compile(rb"\bUID (\d{1,10})\b")
_QUOTED_BODY = re.compile(rb'BODY\[[^\]]*\](?:<\d+>)? "((?:[^"\\]|\\.)*)"')
_ARRIVED = re.compile(rb'\bINTERNALDATE "([ 0-9A-Za-z:+-]{20,26})"')


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


def arrived_at(response: Response) -> datetime | None:
    """Return when the server took the message of a FETCH response, by its own clock; None if it doesn't say."""
    match = _ARRIVED.search(b" ".join(response.lines))
    try:
        moment = parsedate_to_datetime(match[1].decode("ascii")) if match else None
    except (ValueError, OverflowError):
        return None
    return moment if moment is not None and moment.tzinfo else None
