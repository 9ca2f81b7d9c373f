"""How long a search may still go on; the Director says so with each renewal of the lease."""

import time
from collections.abc import Callable


class SearchWindow:
    """Open without end until the first :meth:`close_after`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end: float | None = None

    def close_after(self, seconds: float | None) -> None:
        """Close in ``seconds`` from now; None keeps it open: the message has not left the Director yet."""
        self._end = None if seconds is None else self._clock() + seconds

    @property
    def seconds_left(self) -> float | None:
        """Seconds until it closes, 0 once it is closed, None while no end is known."""
        return None if self._end is None else max(0.0, self._end - self._clock())

    def at_most(self, seconds: float) -> float:
        """Return ``seconds``, or what is left until it closes where that is less."""
        left = self.seconds_left
        return seconds if left is None else min(seconds, left)

    @property
    def is_over(self) -> bool:
        """Whether the search that is complete now may be the last."""
        return self.seconds_left == 0
