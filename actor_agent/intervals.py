"""How this Actor is to work, as its Director last said."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wire_contract.jobs import Control


class Intervals:
    """Seconds that a poll is held and after which a lease is renewed; and whether the Actor is paused."""

    def __init__(self, poll_seconds: float, renew_seconds: float) -> None:
        self.poll_seconds = poll_seconds
        self.renew_seconds = renew_seconds
        self.paused = False

    def set(self, control: "Control") -> None:
        """Take the intervals of ``control``, those that it has."""
        self.poll_seconds = control.poll_seconds or self.poll_seconds
        self.renew_seconds = control.renew_seconds or self.renew_seconds
