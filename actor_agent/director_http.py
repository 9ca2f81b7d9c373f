"""HTTP to the Director: one request, one bounded answer, and what can go wrong by phase.

It stands on httpcore, which the web services' client has too, and which is httpx without its convenience:
of what an Actor costs while it waits, that would be the fifth part.
"""

import json
import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import unquote, urlsplit

import certifi
import httpcore

from actor_agent.director_errors import AnswerLost, AnswerUnreadable, NotConnected
from actor_agent.director_network import DirectorNetwork
from actor_agent.secret import Secret
from actor_agent.version import VERSION

CONNECT_SECONDS = 10.0
KEPT_SECONDS = 4.0
"""How long an idle connection is kept: less than the 5 s after which usual servers close it, since a request
that meets the closing half way gets lost."""
MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""64 leases of 64 KiB sealed credentials each are 4 MiB; twice that is a defect or an attack."""

_NOT_SENT = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    httpcore.LocalProtocolError,
)
_LOST = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)


class Answer(NamedTuple):
    """``reason``: the phrase of the status line. ``headers``: by lower-case name."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes


class DirectorHttp:
    """Connections to one Director, kept for a moment. It follows no redirect and decodes no content."""

    def __init__(self, url: str, pool: httpcore.AsyncConnectionPool) -> None:
        self._url = url
        self._pool = pool
        self._credential: Secret | None = None

    async def __aenter__(self) -> Self:
        """Nothing is connected before it is needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._pool.aclose()

    def use_credential(self, credential: Secret) -> None:
        """Prove the Actor by ``credential`` from the next request on."""
        self._credential = credential

    async def ask(self, method: str, path: str, body: object, seconds: float) -> Answer:
        """Send ``body`` as JSON (null: none) and return the answer, whatever its status.

        ``seconds`` bound each silence of the Director; connecting takes 10 s at most.

        Raises:
            NotConnected: nothing was sent.
            AnswerLost: the Director may have acted on it.
            AnswerUnreadable: the answer is longer than 8 MiB, or encoded.
        """
        content = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        timeout = {"connect": CONNECT_SECONDS, "read": seconds, "write": seconds, "pool": seconds}
        try:
            async with self._pool.stream(
                method,
                self._url + path,
                headers=self._headers(content),
                content=content,
                extensions={"timeout": timeout},
            ) as response:
                return await _answer(response)
        except _NOT_SENT as error:
            raise NotConnected(f"The Director can't be reached: {_reason(error)}.") from error
        except _LOST as error:
            raise AnswerLost(f"The Director's answer got lost: {_reason(error)}.") from error

    def _headers(self, content: bytes | None) -> dict[bytes | str, bytes | str]:
        headers: dict[bytes | str, bytes | str] = {
            "User-Agent": f"email-actor/{VERSION}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        if content is not None:
            headers["Content-Type"] = "application/json"
        if self._credential is not None:
            headers["Authorization"] = f"Bearer {self._credential.get_secret_value()}"
        return headers


def open_http(url: str, *, credential: Secret | None, ca_file: Path | None) -> DirectorHttp:
    """Open the connections to the Director at ``url``, which has no slash at its end.

    ``ca_file`` replaces the public authorities: only what it holds is trusted. The environment's
    ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` count.

    Raises:
        OSError: ``ca_file`` can't be read or holds no certificate.
        ValueError: the environment's proxy is none that can be used.
    """
    pool = httpcore.AsyncConnectionPool(
        ssl_context=_trust(url, ca_file),
        proxy=_proxy(url),
        keepalive_expiry=KEPT_SECONDS,
        network_backend=DirectorNetwork(),
    )
    http = DirectorHttp(url, pool)
    if credential is not None:
        http.use_credential(credential)
    return http


def _trust(url: str, ca_file: Path | None) -> ssl.SSLContext | None:
    if ca_file is not None:
        return ssl.create_default_context(cafile=ca_file)
    if url.startswith("http:"):
        return None  # nothing is encrypted, and reading the authorities would take longer than the poll
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    return ssl.create_default_context(cafile=certifi.where())


def _proxy(url: str) -> httpcore.Proxy | None:
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import (  # noqa: PLC0415  # brings http.client and email, which few Actors need
        getproxies,
        proxy_bypass,
    )

    proxies = getproxies()
    director = urlsplit(url)
    given = proxies.get(director.scheme) or proxies.get("all")
    if not given or proxy_bypass(director.netloc):
        return None
    proxy = urlsplit(given if "://" in given else f"http://{given}")
    if proxy.scheme not in {"http", "https"} or not proxy.hostname:
        raise ValueError("the proxy of the environment must be http://host:port")
    auth = (unquote(proxy.username), unquote(proxy.password or "")) if proxy.username else None
    return httpcore.Proxy(f"{proxy.scheme}://{proxy.netloc.rpartition('@')[2]}", auth=auth)


async def _answer(response: httpcore.Response) -> Answer:
    headers = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in response.headers}
    if (encoding := headers.get("content-encoding", "identity")) != "identity":
        raise AnswerUnreadable(f"The Director's answer can't be decoded: it is {encoding[:64]!r}, unasked.")
    body = bytearray()
    async for part in response.aiter_stream():
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            raise AnswerUnreadable(f"The Director's answer is longer than {MAX_ANSWER_BYTES} bytes.")
    reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
    return Answer(response.status, reason, headers, bytes(body))


def _reason(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__
