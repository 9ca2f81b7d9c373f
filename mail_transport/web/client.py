"""Asking a web service, with every bound and every failure that a mail server has."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpcore

from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.limits import SLOW_REPLY_SECONDS
from mail_transport.transcript import Transcript
from mail_transport.web.stream import Network
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import TlsPolicy

MAX_BODY = 4 * 1024 * 1024
CONNECTIONS = 4
_REQUEST_IDS = ("request-id", "x-ms-request-id")
"""What Microsoft's support asks for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` by lower-case name. The body may hold a token, so it is in no ``repr``."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class WebClient:
    """Asks over a few connections that are kept for its life. It follows no redirect.

    ``ca_certificates`` (PEM) replace the public authorities. With a ``proxy`` the egress policy
    applies to that. The environment's proxies and authorities are never used.
    """

    def __init__(
        self, egress: EgressPolicy, journal: Journal, ca_certificates: str | None, proxy: str | None
    ) -> None:
        self._transcript = Transcript()
        journal.keep("web services", self._transcript)
        self._network = Network(egress, TlsPolicy(ca_certificate=ca_certificates), journal)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # the streams use the policy's own
            proxy=httpcore.Proxy(proxy) if proxy else None,
            max_connections=CONNECTIONS,
            network_backend=self._network,
        )

    async def __aenter__(self) -> Self:
        """Nothing is connected before it is needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Answer:
        """Return the answer to one request, of at most 4 MiB and within 60 s.

        Raises:
            MailFailure: no answer came, or none that is HTTP.
        """
        self._transcript.asked(method, url)
        fields = [*{"User-Agent": "email-verification", "Accept-Encoding": "identity", **headers}.items()]
        try:
            async with (
                asyncio.timeout(SLOW_REPLY_SECONDS),
                self._pool.stream(method, url, headers=fields, content=content) as response,
            ):
                return self._noted(Answer(response.status, _named(response.headers), await _body(response)))
        except TimeoutError:
            raise MailFailure(FailureCode.REPLY_TIMED_OUT) from None
        except httpcore.ProxyError as error:
            raise MailFailure(FailureCode.PROXY_REFUSED, str(error)) from None
        except (httpcore.ProtocolError, httpcore.NetworkError, httpcore.UnsupportedProtocol) as error:
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION, str(error)) from None

    def _noted(self, answer: Answer) -> Answer:
        request_id = next((answer.headers[name] for name in _REQUEST_IDS if name in answer.headers), None)
        self._transcript.answered(answer.status, len(answer.body), request_id)
        return answer


def _named(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("ascii", "replace").lower(): value.decode("latin-1") for name, value in headers}


async def _body(response: httpcore.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_stream():
        body += part
        if len(body) > MAX_BODY:
            raise MailFailure(FailureCode.PROTOCOL_LIMIT_EXCEEDED, detail={"bytes": len(body)})
    return bytes(body)
