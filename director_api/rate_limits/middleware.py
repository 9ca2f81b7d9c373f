"""The bound on how often a caller may ask, kept before anything is read or looked up."""

import ipaddress
import math

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from director_api.access.callers import Callers, bearer_of
from director_api.problems import Problem, render
from director_api.rate_limits.buckets import Buckets, RateLimit

_APART = ("/actor/", "/health/")
_ONE_SITE = 64
"""An IPv6 host picks its addresses from a network of this prefix as it likes."""


class RateLimits:
    """Answers 429 to who asks more often than ``limit`` allows.

    A caller whose token was accepted before has a bucket of their own. Everyone else shares one with
    whoever has the same address, so that made-up tokens cost an attacker their own requests alone.
    """

    def __init__(self, app: ASGIApp, limit: RateLimit, buckets: Buckets | None = None) -> None:
        self._app = app
        self._limit = limit
        self._buckets = buckets or Buckets(limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = self._app
        if scope["type"] == "http" and not scope["path"].startswith(_APART):
            wait = self._buckets.take(_name_of(scope))
            if wait > 0:
                answer = render(self._too_many(wait))
        await answer(scope, receive, send)

    def _too_many(self, wait: float) -> Problem:
        return Problem(
            429,
            "too_many_requests",
            f"A caller may send {self._limit.per_second:g} requests a second, and {self._limit.burst} at once.",
            headers={"Retry-After": str(math.ceil(wait))},
        )


def _name_of(scope: Scope) -> str:
    callers: Callers = scope["app"].state.callers
    token = bearer_of(Headers(scope=scope))
    caller = callers.known(token) if token else None
    if caller is not None:
        return f"{caller.who.kind} {caller.who.id}"
    return f"address {_site_of(scope['client'])}"


def _site_of(client: tuple[str, int] | None) -> str:
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return "unknown"  # a Unix socket's peer has none
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, _ONE_SITE), strict=False))
