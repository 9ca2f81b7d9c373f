"""How long a service asks to be left alone."""

from typing import TYPE_CHECKING

from mail_transport.failures import MailFailure
from wire_contract.base import JsonValue

if TYPE_CHECKING:
    from mail_transport.web import Answer  # which loads what TLS needs: whoever only waits goes without

_LONGEST_WAIT = 3600
_RETRY_AFTER = "retry_after_seconds"


def asked_to_wait(answer: "Answer") -> dict[str, JsonValue]:
    """Return what a failure's detail shows of ``Retry-After`` in seconds (RFC 9110, section 10.2.3)."""
    asked = answer.headers.get("retry-after", "")
    if not (asked.isascii() and asked.isdigit()):
        return {}
    return {_RETRY_AFTER: min(int(asked[:9]), _LONGEST_WAIT)}


def wait_asked_by(failure: MailFailure) -> float:
    """Return the seconds that the answer behind ``failure`` asked for, at most an hour; 0 for none."""
    asked = failure.detail.get(_RETRY_AFTER)
    return float(asked) if isinstance(asked, int) else 0.0
