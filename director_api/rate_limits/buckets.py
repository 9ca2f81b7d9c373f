"""Token buckets: each fills at a steady rate up to a burst, and each request takes one token out."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class RateLimit:
    """``per_second`` requests in the long run, and ``burst`` at once."""

    per_second: float
    burst: int


class Buckets:
    """A bucket for each name, in bounded memory: the one unused for longest is forgotten, which fills it."""

    def __init__(self, limit: RateLimit, clock: Callable[[], float] = monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> float:
        """Take a token. Returns 0 when there was one, else the seconds until there is one."""
        now = self._clock()
        burst, per_second = float(self._limit.burst), self._limit.per_second
        left, since = self._left.pop(name, (burst, now))
        left = min(burst, left + (now - since) * per_second)
        wait = 0.0 if left >= 1 else (1 - left) / per_second
        self._left[name] = (left if wait else left - 1, now)
        if len(self._left) > _AT_MOST:
            self._left.popitem(last=False)
        return wait
