"""The issuer's keys, kept in memory: asked for when they are needed, looked after when they grow old."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from director_api.sign_in.fetching import IssuerAway, fetch_keys

log = logging.getLogger(__name__)
PublicKey = RSAKey | ECKey | OKPKey
FRESH_SECONDS = 600.0
"""Older keys are asked for anew, while they go on to serve."""
USABLE_SECONDS = 3600.0
"""An issuer that is away for longer may have withdrawn a key meanwhile."""
RETRY_SECONDS = 10.0
"""The issuer is asked no more often than that, whatever tokens are made up."""
_KEYS_AT_MOST = 100
_RSA_2048 = 342
"""Characters of a modulus of 2048 bits in base64url; NIST SP 800-131A refuses shorter ones."""


class Issuer:
    """Finds the key that a token names."""

    def __init__(self, url: str, clock: Callable[[], float] = monotonic) -> None:
        self.url = url
        self.clock = clock
        self._keys: tuple[PublicKey, ...] = ()
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._away = False
        self._fetching: asyncio.Task[None] | None = None

    async def find_keys(self, key_id: str | None) -> tuple[PublicKey, ...]:
        """Return the keys of that id, or all of them for a token that names none.

        Raises:
            IssuerAway: there are no keys that may be used, or the id is new and the issuer can't be asked.
        """
        known = self._named(key_id)
        if not known:
            await self._asked()
            known = self._named(key_id)
        elif self._age() > FRESH_SECONDS:
            self._ask()
        if self._age() > USABLE_SECONDS or (not known and self._away):
            raise IssuerAway
        return known

    async def close(self) -> None:
        """End what is under way."""
        if self._fetching is not None:
            self._fetching.cancel()
            with suppress(asyncio.CancelledError):
                await self._fetching

    def _named(self, key_id: str | None) -> tuple[PublicKey, ...]:
        if self._age() > USABLE_SECONDS:
            return ()
        return tuple(key for key in self._keys if key_id is None or key.kid == key_id)

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self.clock() - self._fetched_at

    async def _asked(self) -> None:
        """Ask the issuer and wait for its answer, together with whoever waits for it already."""
        if (asking := self._ask()) is not None:
            await asyncio.shield(asking)

    def _ask(self) -> asyncio.Task[None] | None:
        """Begin to ask. Returns null where the issuer was asked a moment ago."""
        if self._fetching is not None:
            return self._fetching
        if self._tried_at is not None and self.clock() - self._tried_at < RETRY_SECONDS:
            return None
        self._tried_at = self.clock()
        self._fetching = asyncio.create_task(self._fetch())
        self._fetching.add_done_callback(self._fetched)
        return self._fetching

    def _fetched(self, _task: "asyncio.Task[None]") -> None:
        self._fetching = None

    async def _fetch(self) -> None:
        try:
            published = await fetch_keys(self.url)
        except IssuerAway as error:
            self._away = True
            log.warning("the issuer %s is away: %s", self.url, error)
            return
        self._keys, self._fetched_at, self._away = tuple(_usable(published)), self.clock(), False


def _usable(published: list[dict[str, Any]]) -> Iterable[PublicKey]:
    """Read the keys that verify signatures, and pass over the others (RFC 7517, section 5)."""
    for data in published[:_KEYS_AT_MOST]:
        if data.get("use", "sig") != "sig" or data.get("kty") not in ("RSA", "EC", "OKP"):
            continue
        if data["kty"] == "RSA" and len(str(data.get("n"))) < _RSA_2048:
            continue
        try:
            key = JWKRegistry.import_key(data)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            log.warning("a key of the issuer can't be read: %s", type(error).__name__)
            continue
        if isinstance(key, PublicKey):
            yield key
