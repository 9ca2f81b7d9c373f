"""The metrics and their labels. Each label takes few values, none of which a caller chooses."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

UNROUTED: Final = "unrouted"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OUTCOMES = ("verified", "partially_verified", "unverified", "cancelled")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_GAUGES = {
    "director_checks_open": "Checks that have not ended, of all Directors",
    "director_outbox_messages": "Messages that are still to be sent, of all Directors",
    "director_actors_enrolled": "Actors that may call, of all Directors",
    "director_actors_online": "Actors that were heard of, of all Directors",
    "director_held_polls": "Polls of Actors that this Director holds",
    "director_event_streams": "Live streams that this Director serves",
}


class Metrics:
    """The instruments of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._requests = Counter(
            "director_http_requests", "Requests answered", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "director_http_request_seconds",
            "Time until an answer began; a poll or a wait that is held counts whole",
            ("method", "route"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._verifications = Counter(
            "director_verifications_ended", "Verifications that ended", ("outcome",), registry=registry
        )
        for outcome in _OUTCOMES:
            self._verifications.labels(outcome)
        self._gauges = {name: Gauge(name, said, registry=registry) for name, said in _GAUGES.items()}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. ``route`` is its template or :data:`UNROUTED`."""
        method = method if method in _METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def verification_ended(self, outcome: str) -> None:
        """Count a verification that ended."""
        self._verifications.labels(outcome).inc()

    def show(self, levels: Mapping[str, int]) -> None:
        """Set the gauges to what was read a moment ago."""
        for name, level in levels.items():
            self._gauges[name].set(level)
