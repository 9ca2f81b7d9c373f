"""Tokens for an app by its own secret (client credentials), from Microsoft's library.

The library is synchronous, so it works in a few threads of its own. An app object keeps its token and
its secret, so it lives no longer than those who use it.
"""

import asyncio
import base64
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msal
from msal.exceptions import MsalError
from pydantic import SecretStr

from mail_transport.failures import MailFailure
from mail_transport.limits import SIGN_IN_SECONDS
from mail_transport.microsoft.bridge import Bridge, line
from mail_transport.microsoft.clouds import Endpoints
from mail_transport.web import Line, WebClient, with_line
from wire_contract.failure_codes import FailureCode

THREADS = 4
_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="msal")


@dataclass(frozen=True, slots=True)
class App:
    """An app registration, how it proves itself, and for what (``scope``)."""

    endpoints: Endpoints
    tenant_id: str
    client_id: str
    secret: SecretStr
    scope: str

    @property
    def key(self) -> str:
        """Names the app, its secret and its scope without holding them."""
        parts = (
            self.endpoints.authority,
            self.tenant_id,
            self.client_id,
            self.secret.get_secret_value(),
            self.scope,
        )
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Token:
    """``roles`` are the application permissions that it carries; they are shown, and decide nothing."""

    secret: SecretStr
    roles: frozenset[str]


class TokenSource:
    """One app's tokens, for all who use it at the same time."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._client: Any = None  # the library has no annotations
        self._turn = asyncio.Lock()
        self.users = 0

    async def get(self, client: WebClient) -> Token:
        """Return a token, an earlier one while it is good. At most 60 s, with the waiting for others.

        Raises:
            MailFailure: Entra refused, or could not be asked.
        """
        try:
            async with asyncio.timeout(SIGN_IN_SECONDS), self._turn:
                return await with_line(_threads, client, self._by)
        except TimeoutError:
            self.forget()
            raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None
        except MailFailure:
            self.forget()
            raise

    def forget(self) -> None:
        """Ask anew next time: the token was refused, or carries too little."""
        self._client = None

    def _by(self, used: Line) -> Token:
        before = line.set(used)
        try:
            return self._acquire()
        finally:
            line.reset(before)

    def _acquire(self) -> Token:
        try:
            client = self._client = self._client or _make(self._app)
            answer = client.acquire_token_for_client(scopes=[self._app.scope])
        except (ValueError, KeyError, MsalError):  # a discovery document that is none
            raise MailFailure(FailureCode.GRAPH_ANSWER_UNEXPECTED) from None
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise MailFailure(FailureCode.GRAPH_ANSWER_UNEXPECTED)
        return Token(SecretStr(token), _roles(token))


_in_use: dict[str, TokenSource] = {}


@contextmanager
def tokens_of(app: App) -> Iterator[TokenSource]:
    """Give the source of the app's tokens; the last to leave it takes it along, its secret included."""
    key = app.key
    source = _in_use.setdefault(key, TokenSource(app))
    source.users += 1
    try:
        yield source
    finally:
        source.users -= 1
        if not source.users:
            del _in_use[key]


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
