"""An access token from Google, by google-auth, which is synchronous: in a thread of a small pool.

The library's requests go through the caller's own connections on the event loop, so that the egress
policy, the authorities and the time bounds hold for them too.
"""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from google.auth import exceptions, transport
from google.oauth2 import credentials as consent
from google.oauth2 import service_account
from pydantic import SecretStr

from mail_transport.failures import MailFailure
from mail_transport.google.failures import json_object, token_failure
from mail_transport.google.scopes import excess_of
from mail_transport.limits import SIGN_IN_SECONDS
from mail_transport.web import Answer, Line, WebClient, with_line
from wire_contract.base import JsonValue
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import RefreshTokenCredentials, ServiceAccountCredentials

_LONGEST_LIFE = 86_400
_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="google-auth")
OAuthCredentials = RefreshTokenCredentials | ServiceAccountCredentials


@dataclass(frozen=True, slots=True)
class Token:
    """``excess``: what the consent allows beyond the scope of the token; it is shown, and decides nothing."""

    secret: SecretStr
    excess: frozenset[str] = frozenset()


async def access_token(
    http: WebClient,
    token_url: str,
    credentials: OAuthCredentials,
    *,
    client_id: str | None,
    subject: str,
    scope: str,
) -> Token:
    """Return a token for ``scope`` within 60 s. ``subject`` is whom a service account stands for.

    Asked without a scope, Google names all that was consented to; a token that could do more than
    ``scope`` is not used (RFC 6749, section 6). What an administrator delegated to a service account
    shows nowhere.

    Raises:
        MailFailure: ``gmail_*``, ``mailbox_not_found``, and those of a connection.
    """
    try:
        async with asyncio.timeout(SIGN_IN_SECONDS):
            if isinstance(credentials, RefreshTokenCredentials):
                return await _by_consent(http, token_url, credentials, client_id, scope)
            secret, granted = await _issued(http, _service_account(credentials, token_url, subject, scope))
    except TimeoutError:
        raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None
    _check_scopes(granted, scope)
    return Token(secret)


async def _by_consent(
    http: WebClient, token_url: str, credentials: RefreshTokenCredentials, client_id: str | None, scope: str
) -> Token:
    secret, granted = await _issued(http, _consent(credentials, token_url, client_id, None))
    _check_scopes(granted, scope)
    excess = excess_of(granted or frozenset(), scope)
    if granted and not excess:
        return Token(secret)
    secret, granted = await _issued(http, _consent(credentials, token_url, client_id, scope))
    _check_scopes(granted, scope)
    return Token(secret, excess)


async def _issued(http: WebClient, signer: Any) -> tuple[SecretStr, frozenset[str] | None]:
    """Return a token and its scopes, None where Google doesn't say. Raises MailFailure."""
    answers: list[Answer] = []
    try:
        await with_line(_pool, http, lambda line: signer.refresh(_Request(line, answers)))
    except exceptions.GoogleAuthError:
        is_service = isinstance(signer, service_account.Credentials)
        raise _failure(answers, service_account=is_service) from None
    said = (json_object(answers[-1]) or {}).get("scope") if answers else None
    return SecretStr(str(signer.token)), frozenset(said.split()) if isinstance(said, str) else None


def _consent(
    credentials: RefreshTokenCredentials, token_url: str, client_id: str | None, scope: str | None
) -> Any:  # google-auth's classes have no typed base with refresh and token
    return consent.Credentials(  # type: ignore[no-untyped-call]  # because google-auth has no annotations here
        token=None,
        refresh_token=credentials.refresh_token.get_secret_value(),
        token_uri=token_url,
        client_id=client_id,
        client_secret=credentials.client_secret.get_secret_value(),
        scopes=[scope] if scope else None,
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


def _check_scopes(granted: frozenset[str] | None, scope: str) -> None:
    if granted is not None and scope not in granted:
        shown: list[JsonValue] = [each[:200] for each in sorted(granted)[:16]]
        detail: dict[str, JsonValue] = {"asked": scope, "granted": shown}
        raise MailFailure(FailureCode.GMAIL_CONSENT_INSUFFICIENT, detail=detail)


def _failure(answers: list[Answer], *, service_account: bool) -> MailFailure:
    if not answers:  # nothing was sent: the key could not sign
        return MailFailure(FailureCode.GMAIL_KEY_FILE_INVALID)
    return token_failure(answers[-1], service_account=service_account)


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


class _Request(transport.Request):
    """google-auth's transport: hands each request to the event loop and waits for it in the thread."""

    def __init__(self, line: Line, answers: list[Answer]) -> None:
        self._line = line
        self._answers = answers

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002  # because the client has its own bound
        **_: object,
    ) -> "_Response":
        answer = self._line.ask(method, url, headers or {}, body)
        self._answers.append(answer)
        if not _is_token(answer):
            # Else the library would ask again by itself, without regard to Retry-After and to the deadline.
            raise exceptions.TransportError("no token")  # type: ignore[no-untyped-call]  # because google-auth has no annotations here
        return _Response(answer)


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
