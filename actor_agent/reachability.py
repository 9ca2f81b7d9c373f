"""Saying once that the Director is away, and once that it is back, whichever loop notices first."""

import logging
import time
from collections.abc import Callable

from actor_agent.director_errors import DirectorError

logger = logging.getLogger(__name__)


class Reachability:
    """Whether the Director answers. All loops share one, so that a log shows one outage as two lines."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._away_since: float | None = None

    def failed(self, error: DirectorError) -> None:
        """Note that the Director did not answer as it should."""
        if self._away_since is None:
            self._away_since = self._monotonic()
            logger.warning("Director away: %s Trying again until it is back.", error)
        else:
            logger.debug("Director still away: %s", error)

    def answered(self) -> None:
        """Note that the Director answered."""
        if self._away_since is not None:
            logger.info("Director back after %.0f s", self._monotonic() - self._away_since)
            self._away_since = None
