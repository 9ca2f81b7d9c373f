"""How long a service asks to be left alone."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil
from typing import TYPE_CHECKING

from mail_transport.failures import MailFailure
from wire_contract.base import JsonValue

if TYPE_CHECKING:
    from mail_transport.web import Answer  # which loads what TLS needs: whoever only waits goes without

_LONGEST_WAIT = 3600
_LONGEST_DATE = 64
_RETRY_AFTER = "retry_after_seconds"


def asked_to_wait(answer: "Answer") -> dict[str, JsonValue]:
    """Return what a failure's detail shows of ``Retry-After``, in seconds (RFC 9110, section 10.2.3)."""
    asked = answer.headers.get("retry-after", "")
    if asked.isascii() and asked.isdigit():
        return _shown(int(asked[:9]))
    moment = _http_date(asked)
    return asked_to_wait_until(moment, answer) if moment else {}


def asked_to_wait_until(moment: datetime, answer: "Answer") -> dict[str, JsonValue]:
    """Return the same for a moment, by the clock of whoever named it where ``answer`` shows that.

    RFC 9110, section 6.6.1: ``Date`` is when the answer was made.
    """
    made = _http_date(answer.headers.get("date", "")) or datetime.now(UTC)
    seconds = ceil((moment - made).total_seconds())
    return _shown(seconds) if seconds > 0 else {}


def wait_asked_by(failure: MailFailure) -> float:
    """Return the seconds that the answer behind ``failure`` asked for, at most an hour; 0 for none."""
    asked = failure.detail.get(_RETRY_AFTER)
    return float(asked) if isinstance(asked, int) else 0.0


def _shown(seconds: int) -> dict[str, JsonValue]:
    return {_RETRY_AFTER: min(seconds, _LONGEST_WAIT)}


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text) if 0 < len(text) <= _LONGEST_DATE else None
    except (ValueError, OverflowError):
        return None
    # "-0000" is read as a time without a zone, which is UTC (RFC 5322, section 3.3).
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
