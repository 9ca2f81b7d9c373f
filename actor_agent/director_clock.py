"""The Director's time, as far as an Actor can know it.

An Actor on an isolated VM may have no NTP, so its own calendar is never trusted: every time that it
says to or hears from the Director is by the Director's clock.

The libraries of dates are loaded when there is one: the first poll needn't wait for them.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class DirectorClock:
    """Follows the ``Date`` of the Director's answers (RFC 9110, section 6.6.1), to within a second.

    Between answers it goes on with ``monotonic``, which no change of the Actor's calendar touches.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: tuple[float, float] | None = None

    def observe(self, date: str) -> None:
        """Take a ``Date`` header.

        Raises:
            ValueError: it is not a date with its zone.
        """
        from email.utils import parsedate_to_datetime

        moment = parsedate_to_datetime(date)
        if moment.tzinfo is None:
            raise ValueError("a date without its zone")
        self._seen = (moment.timestamp(), self._monotonic())

    def now(self) -> "datetime":
        """Return the Director's present moment.

        Raises:
            LookupError: no answer of the Director was seen yet.
        """
        if self._seen is None:
            raise LookupError("the Director has not answered yet")
        from datetime import UTC, datetime

        seconds, at = self._seen
        return datetime.fromtimestamp(seconds + self._monotonic() - at, UTC)
