"""What a FETCH response holds (RFC 3501 section 7.4.2)."""

import re
from datetime import datetime, timedelta, timezone

from mail_transport.imap.responses import Response

_UID = re.compile(rb"\bUID (\d{1,10})\b")
_QUOTED_BODY = re.compile(rb'BODY\[[^\]]*\](?:<\d+>)? "((?:[^"\\]|\\.)*)"')
_ARRIVED = re.compile(
    rb'\bINTERNALDATE "([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d\d)(\d\d)"'
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Never by strftime or strptime: the month's name follows the locale there."""
_NUMBER_OF_MONTH = {name.encode(): number for number, name in enumerate(MONTHS, 1)}


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
    if match is None:
        return None
    day, month, year, hour, minute, second, zone_hours, zone_minutes = match.groups()
    try:
        east = timedelta(hours=int(zone_hours), minutes=int(zone_hours[:1] + zone_minutes))
        return datetime(
            int(year),
            _NUMBER_OF_MONTH.get(month.title(), 0),
            int(day),
            int(hour),
            int(minute),
            int(second),
            tzinfo=timezone(east),
        )
    except ValueError:  # there is no such day, or no such zone
        return None
