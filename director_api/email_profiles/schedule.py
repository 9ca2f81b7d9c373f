"""When a schedule verifies a profile next."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_LATE = timedelta(minutes=10)
_CATCH_UP = timedelta(hours=1)


def next_run(profile_id: UUID, hours: int | None, after: datetime) -> datetime | None:
    """Return the next moment of the schedule that is later than ``after``; null without a schedule.

    Each profile has its own place in the period, by a hash of its id: a thousand that were made at
    once are not verified at once, and a restart or an edit moves none.
    """
    if hours is None:
        return None
    period = timedelta(hours=hours)
    place = period * _share(profile_id)
    periods = (after - _EPOCH - place) // period + 1
    return _EPOCH + place + periods * period


def catch_up(profile_id: UUID, due_at: datetime, now: datetime) -> datetime | None:
    """Return the moment within the next hour for what is overdue because no Director ran; null if it is not.

    So that those that fell due meanwhile are not all verified at once either.
    """
    return now + _CATCH_UP * _share(profile_id) if now - due_at > _LATE else None


def _share(profile_id: UUID) -> float:
    """Return the profile's own place in any stretch of time, from 0 to 1."""
    digest = hashlib.blake2b(profile_id.bytes, digest_size=8).digest()
    return int.from_bytes(digest) / 2**64
