"""Time and identifiers, in one place so that a test can set them."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def new_id() -> UUID:
    """Make a UUIDv7 (RFC 9562, section 5.7): unique, and sorted by the time that it was made."""
    return UUID(int=uuid_utils.uuid7().int)
