"""Where a message was found and which way it came, from the header fields that its folder holds."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from actor_agent.mail.subjects import header_fields
from wire_contract.results import Evidence, Hop

MAX_HEADER = 64 * 1024
_MAX_HOPS = 32
_FROM = re.compile(r"\bfrom\s+(\S{1,128})", re.IGNORECASE)
_BY = re.compile(r"\bby\s+(\S{1,128})", re.IGNORECASE)


def evidence_of(raw: bytes, folder: str) -> Evidence:
    """Return what ``raw``, the message's Message-ID, Date and Received fields, tells."""
    fields = header_fields(raw[:MAX_HEADER])
    trace = [value for name, value in fields if name == "received"]
    return Evidence(
        message_id=_first(fields, "message-id"),
        folder=folder[:255],
        date=_first(fields, "date"),
        received=tuple(_hop(value) for value in trace[:_MAX_HOPS]),
    )


def arrived_by(raw: bytes) -> datetime | None:
    """Return when the last server on the way took the message of the header ``raw``, by its own clock.

    That is the uppermost Received field (RFC 5321, section 4.4); without one it is what the sender
    wrote as Date. None if neither can be read.
    """
    fields = header_fields(raw[:MAX_HEADER])
    trace = next((value for name, value in fields if name == "received"), None)
    taken = _hop(trace).at if trace is not None else None
    return taken or _moment(_first(fields, "date") or "")


def _first(fields: list[tuple[str, str]], wanted: str) -> str | None:
    value = next((value for name, value in fields if name == wanted), None)
    return None if value is None else _printable(value)[:512]


def _printable(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _hop(received: str) -> Hop:
    text = _printable(received[:4096])
    path, _, date = text.rpartition(";")
    sender, receiver = _FROM.search(path), _BY.search(path)
    return Hop(by=receiver and receiver[1], from_=sender and sender[1], at=_moment(date))


def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else None
