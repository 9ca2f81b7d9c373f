"""When a schedule verifies a profile next."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def next_run(profile_id: UUID, hours: int | None, after: datetime) -> datetime | None:
    """Return the next moment of the schedule that is later than ``after``; null without a schedule.

    Each profile has its own place in the period, by a hash of its id: a thousand that were made at
    once are not verified at once, and a restart or an edit moves none.
    """
    if hours is None:
        return None
    period = timedelta(hours=hours)
    digest = hashlib.blake2b(profile_id.bytes, digest_size=8).digest()
    place = period * (int.from_bytes(digest) / 2**64)
    periods = (after - _EPOCH - place) // period + 1
    return _EPOCH + place + periods * period
