"""Tokens for an app by its own secret (client credentials), from Microsoft's library.

The library is synchronous, so it works in a few threads of its own. An app object keeps its token; it
is dropped after ten minutes without use, or when it was refused.
"""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

import msal
from msal.exceptions import MsalError
from pydantic import SecretStr

from actor_agent.mail.graph.bridge import Bridge, Line, line
from actor_agent.mail.graph.clouds import Endpoints
from mail_transport.failures import MailFailure
from mail_transport.web import WebClient
from wire_contract.failure_codes import FailureCode

THREADS = 4
KEPT_SECONDS = 600.0
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="msal")


@dataclass(frozen=True, slots=True)
class App:
    """An app registration and how it proves itself."""

    endpoints: Endpoints
    tenant_id: str
    client_id: str
    secret: SecretStr

    @property
    def key(self) -> str:
        """Names the app and its secret without holding it."""
        parts = (
            self.endpoints.authority,
            self.endpoints.graph,
            self.tenant_id,
            self.client_id,
            self.secret.get_secret_value(),
        )
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Token:
    """``roles`` are the application permissions that it carries; they are shown, and decide nothing."""

    secret: SecretStr
    roles: frozenset[str]


@dataclass(slots=True)
class _Kept:
    used: float
    client: Any = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Tokens:
    """The app objects of an Actor."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    async def get(self, app: App, client: WebClient) -> Token:
        """Return a token, an earlier one while it is good.

        Raises:
            MailFailure: Entra refused, or could not be asked.
        """
        self._drop_unused()
        kept = self._kept.setdefault(app.key, _Kept(self._clock()))
        kept.used = self._clock()
        async with kept.turn:
            try:
                return await _in_thread(lambda: _acquire(app, kept), client)
            except MailFailure:
                self.drop(app)
                raise

    def drop(self, app: App) -> None:
        """Forget what is known of ``app``: its token was refused."""
        self._kept.pop(app.key, None)

    def _drop_unused(self) -> None:
        now = self._clock()
        for key in [key for key, kept in self._kept.items() if now - kept.used > KEPT_SECONDS]:
            del self._kept[key]


async def _in_thread(work: Callable[[], Token], client: WebClient) -> Token:
    loop = asyncio.get_running_loop()
    context = copy_context()
    used = Line(loop, client)
    context.run(line.set, used)
    try:
        return await loop.run_in_executor(_threads, lambda: context.run(work))
    finally:
        used.hang_up()


def _acquire(app: App, kept: _Kept) -> Token:
    try:
        if kept.client is None:
            kept.client = _make(app)
        answer = kept.client.acquire_token_for_client(scopes=[app.endpoints.scope])
    except (ValueError, KeyError, MsalError):  # a discovery document that is none
        raise MailFailure(FailureCode.GRAPH_ANSWER_UNEXPECTED) from None
    token = answer.get("access_token")
    if not isinstance(token, str) or not token:
        raise MailFailure(FailureCode.GRAPH_ANSWER_UNEXPECTED)
    return Token(SecretStr(token), _roles(token))


def _make(app: App) -> Any:
    return msal.ConfidentialClientApplication(
        app.client_id,
        client_credential=app.secret.get_secret_value(),
        authority=f"{app.endpoints.authority}/{app.tenant_id}",
        http_client=Bridge(),
        # Elsewhere the library would ask the public cloud whether this authority may be trusted.
        instance_discovery=None if app.endpoints.is_public else False,
    )


def _roles(token: str) -> frozenset[str]:
    """Read the claim ``roles`` of the token; one that can't be read carries none."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return frozenset(role for role in claims.get("roles", ()) if isinstance(role, str))
    except (ValueError, IndexError, AttributeError, TypeError):
        return frozenset()
