"""No more at once than the service behind a transport takes.

Source: "Exchange Online limits", learn.microsoft.com: 30 messages a minute from one mailbox; "Outlook
service limits": four requests at once. Each Director keeps to it by itself; what several of them send
together beyond it is put off by the service (429).
"""

from collections import deque
from datetime import datetime, timedelta

from director_api.mail_settings.schemas import Transport

AT_ONCE = 8
GRAPH_AT_ONCE = 4
GRAPH_A_MINUTE = 30
_MINUTE = timedelta(minutes=1)


class Pace:
    """What one Director began to send lately, and until when it waits."""

    def __init__(self) -> None:
        self._begun: deque[datetime] = deque(maxlen=GRAPH_A_MINUTE)
        self._closed_until: datetime | None = None

    def room(self, transport: Transport, now: datetime) -> int:
        """Return how many messages may be begun now."""
        if transport is not Transport.MICROSOFT_GRAPH:
            return AT_ONCE
        while self._begun and self._begun[0] <= now - _MINUTE:
            self._begun.popleft()
        room = min(GRAPH_AT_ONCE, GRAPH_A_MINUTE - len(self._begun))
        self._closed_until = None if room else self._begun[0] + _MINUTE
        return room

    def begun(self, transport: Transport, messages: int, now: datetime) -> None:
        """Note that so many are being sent."""
        if transport is Transport.MICROSOFT_GRAPH:
            self._begun.extend([now] * messages)

    def seconds_closed(self, now: datetime) -> float:
        """Return how long to wait until there is room again; 0 where there was some."""
        return max(0.0, (self._closed_until - now).total_seconds()) if self._closed_until else 0.0
