"""Delivery status notifications (RFC 3464 in the wrapping of RFC 6522), as hostile as any mail; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from wire_contract.cleaning import clean_reply

_MOST_PARTS = 16
_MOST_RECIPIENTS = 16


@dataclass(frozen=True, slots=True)
class Bounce:
    """A message that will not be delivered. ``said``: why, in the words of the server that refused it."""

    message_id: str
    said: str


def bounce_in(raw: bytes) -> Bounce | None:
    """Return what the report ``raw`` says of a message; None if it is none, or only of a delay."""
    try:
        parts = _parts(message_from_bytes(raw))
        failed = next((fields for fields in _recipients(parts) if _failed(fields)), None)
        message_id = _original_id(parts)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # the parser's ways of saying that this is no message
    return Bounce(message_id, _said(failed)) if failed is not None and message_id else None


def _parts(report: Message) -> list[Message]:
    if report.get_content_type() != "multipart/report":
        return []
    payload = report.get_payload()
    parts = payload[:_MOST_PARTS] if isinstance(payload, list) else []
    return [part for part in parts if isinstance(part, Message)]


def _recipients(parts: list[Message]) -> Iterator[Message]:
    """Yield the fields of each recipient: the first block is about the message (RFC 3464 section 2.1)."""
    for part in parts:
        blocks = part.get_payload()
        if part.get_content_type() == "message/delivery-status" and isinstance(blocks, list):
            yield from (block for block in blocks[1 : 1 + _MOST_RECIPIENTS] if isinstance(block, Message))


def _failed(recipient: Message) -> bool:
    return str(recipient.get("Action", "")).strip().lower() == "failed"


def _original_id(parts: list[Message]) -> str | None:
    for part in parts:
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers"}:
            found = _headers_of(part).get("Message-ID")
            if found is not None:
                return str(found).strip()
    return None


def _headers_of(part: Message) -> Message:
    payload = part.get_payload()
    if isinstance(payload, list) and isinstance(payload[0], Message):
        return payload[0]
    text = part.get_payload(decode=True)
    return message_from_bytes(text if isinstance(text, bytes) else b"")


def _said(recipient: Message) -> str:
    diagnostic = _value(recipient, "Diagnostic-Code") or f"status {str(recipient.get('Status', '')).strip()}"
    server = _value(recipient, "Remote-MTA")
    return clean_reply(f"{server}: {diagnostic}" if server else diagnostic)


def _value(fields: Message, name: str) -> str:
    """Return a field's value without its type, such as ``smtp;`` or ``dns;``."""
    text = " ".join(str(fields.get(name, "")).split())
    kind, separator, value = text.partition(";")
    return value.strip() if separator and " " not in kind else text
