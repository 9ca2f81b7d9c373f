"""The Director's time, as far as an Actor can know it.

An Actor on an isolated VM may have no NTP, so its own calendar is never trusted: every time that it
says to or hears from the Director is by the Director's clock.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class DirectorClock:
    """Follows the ``Date`` of the Director's answers (RFC 9110, section 6.6.1), to within a second.

    Between answers it goes on with ``monotonic``, which no change of the Actor's calendar touches.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: tuple[datetime, float] | None = None

    def observe(self, date: str) -> None:
        """Take a ``Date`` header.

        Raises:
            ValueError: it is not a date with its zone.
        """
        from email.utils import (  # noqa: PLC0415  # brings the mail parser: the first poll needn't wait for it
            parsedate_to_datetime,
        )

        moment = parsedate_to_datetime(date)
        if moment.tzinfo is None:
            raise ValueError("a date without its zone")
        self._seen = (moment.astimezone(UTC), self._monotonic())

    def now(self) -> datetime:
        """Return the Director's present moment.

        Raises:
            LookupError: no answer of the Director was seen yet.
        """
        if self._seen is None:
            raise LookupError("the Director has not answered yet")
        date, at = self._seen
        return date + timedelta(seconds=self._monotonic() - at)
