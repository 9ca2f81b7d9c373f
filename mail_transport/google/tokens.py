"""An access token from Google, by google-auth, which is synchronous: in a thread of a small pool.

The library's requests go through the caller's own connections on the event loop, so that the egress
policy, the authorities and the time bounds hold for them too.
"""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from google.auth import exceptions, transport
from google.oauth2 import credentials as consent
from google.oauth2 import service_account

from mail_transport.failures import MailFailure
from mail_transport.google.failures import json_object, token_failure
from mail_transport.web import Answer, WebClient
from wire_contract.base import JsonValue
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import RefreshTokenCredentials, ServiceAccountCredentials

TOKEN_SECONDS = 60.0
_LONGEST_LIFE = 86_400
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="google-auth")
OAuthCredentials = RefreshTokenCredentials | ServiceAccountCredentials


async def access_token(
    http: WebClient,
    token_url: str,
    credentials: OAuthCredentials,
    *,
    client_id: str | None,
    subject: str,
    scope: str,
) -> str:
    """Return a token for ``scope``. ``subject`` is whom a service account stands for.

    Raises:
        MailFailure: ``gmail_*``, ``mailbox_not_found``, and those of a connection.
    """
    signer = _signer(credentials, token_url, client_id, subject, scope)
    request = _LoopRequest(http, asyncio.get_running_loop())
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(TOKEN_SECONDS):
            await loop.run_in_executor(_pool, signer.refresh, request)
    except TimeoutError:
        raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None
    except exceptions.GoogleAuthError:
        is_service = isinstance(credentials, ServiceAccountCredentials)
        raise _failure(request.last, service_account=is_service) from None
    _check_scopes(signer, scope)
    return str(signer.token)


def _signer(
    credentials: OAuthCredentials, token_url: str, client_id: str | None, subject: str, scope: str
) -> Any:  # google-auth's classes have no typed base with refresh and token
    if isinstance(credentials, ServiceAccountCredentials):
        return _service_account(credentials, token_url, subject, scope)
    return consent.Credentials(  # type: ignore[no-untyped-call]  # because google-auth has no annotations here
        token=None,
        refresh_token=credentials.refresh_token.get_secret_value(),
        token_uri=token_url,
        client_id=client_id,
        client_secret=credentials.client_secret.get_secret_value(),
        scopes=[scope],
    )


def _service_account(credentials: ServiceAccountCredentials, token_url: str, subject: str, scope: str) -> Any:
    """The key file names a token endpoint too, which is not asked: a profile can't redirect a secret."""
    key = _key_file(credentials)
    try:
        return service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]  # because google-auth has no annotations here
            {**key, "token_uri": token_url}, scopes=[scope], subject=subject
        )
    except (ValueError, TypeError, exceptions.GoogleAuthError):
        raise MailFailure(FailureCode.GMAIL_KEY_FILE_INVALID) from None


def delegate_of(credentials: ServiceAccountCredentials) -> dict[str, JsonValue]:
    """Return who it is that an administrator delegates to: nothing secret. Raises MailFailure."""
    key = _key_file(credentials)
    return {"service_account": str(key.get("client_email")), "client_id": str(key.get("client_id"))}


def _key_file(credentials: ServiceAccountCredentials) -> dict[str, Any]:
    try:
        key = json.loads(credentials.service_account_json.get_secret_value())
    except (ValueError, RecursionError):
        key = None
    if not isinstance(key, dict):
        raise MailFailure(FailureCode.GMAIL_KEY_FILE_INVALID)
    return key


def _check_scopes(signer: Any, scope: str) -> None:
    granted = getattr(signer, "granted_scopes", None)
    if granted is not None and scope not in granted:
        shown: list[JsonValue] = [str(each)[:200] for each in list(granted)[:16]]
        detail: dict[str, JsonValue] = {"asked": scope, "granted": shown}
        raise MailFailure(FailureCode.GMAIL_CONSENT_INSUFFICIENT, detail=detail)


def _failure(last: Answer | None, *, service_account: bool) -> MailFailure:
    if last is None:  # nothing was sent: the key could not sign
        return MailFailure(FailureCode.GMAIL_KEY_FILE_INVALID)
    return token_failure(last, service_account=service_account)


def _is_token(answer: Answer) -> bool:
    """Tell whether the library can read it; it trusts Google to keep to the types of RFC 6749, section 5.1."""
    body = json_object(answer) or {}
    life, scope = body.get("expires_in", 0), body.get("scope", "")
    return (
        answer.status == 200
        and isinstance(body.get("access_token"), str)
        and isinstance(life, int)
        and 0 <= life <= _LONGEST_LIFE
        and isinstance(scope, str)
    )


class _LoopRequest(transport.Request):
    """google-auth's transport: hands each request to the event loop and waits for it in the thread."""

    def __init__(self, http: WebClient, loop: asyncio.AbstractEventLoop) -> None:
        self._http = http
        self._loop = loop
        self.last: Answer | None = None

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002  # because the client has its own bound
        **_: object,
    ) -> "_Response":
        sending = self._http.ask(method, url, headers or {}, body)
        self.last = asyncio.run_coroutine_threadsafe(sending, self._loop).result()
        if not _is_token(self.last):
            # Else the library would ask again by itself, without regard to Retry-After and to the deadline.
            raise exceptions.TransportError("no token")  # type: ignore[no-untyped-call]  # because google-auth has no annotations here
        return _Response(self.last)


class _Response(transport.Response):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.body
