"""Sending one delivery: signed, bounded in time and size, without a redirect."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import monotonic
from uuid import UUID

import httpcore
from pydantic import SecretStr
from standardwebhooks import Webhook as Signer

from director_api.webhooks.addresses import AddressRefusedError, GuardedNetwork
from mail_transport.failures import MailFailure

SECONDS = 15.0
"""For the whole of an attempt, from resolving the name to the end of the answer's head."""


class DeliveryError(StrEnum):
    """Why an attempt failed; the documented, closed list."""

    ADDRESS_REFUSED = "address_refused"
    DNS_FAILED = "dns_failed"
    CONNECT_FAILED = "connect_failed"
    TLS_FAILED = "tls_failed"
    TIMED_OUT = "timed_out"
    PROTOCOL_ERROR = "protocol_error"
    HTTP_STATUS = "http_status"
    WEBHOOK_DISABLED = "webhook_disabled"


@dataclass(frozen=True, slots=True)
class Posting:
    """What to send, and where."""

    url: str
    allow_private: bool
    secret: SecretStr
    message_id: UUID
    body: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it. ``error`` null: the target took it (2xx)."""

    status: int | None
    error: DeliveryError | None
    milliseconds: int


async def post(posting: Posting, now: datetime) -> Answer:
    """Send once, and say what came of it; a redirect counts as a failure."""
    begun = monotonic()
    status, error = None, None
    try:
        async with asyncio.timeout(SECONDS):
            status = await _post(posting, now)
    except Exception as failure:  # noqa: BLE001  # because whatever a target does is an outcome, told by its kind
        error = _error_of(failure)
    if status is not None and not 200 <= status < 300:
        error = DeliveryError.HTTP_STATUS
    return Answer(status, error, round((monotonic() - begun) * 1000))


async def _post(posting: Posting, now: datetime) -> int:
    network = GuardedNetwork(allow_private=posting.allow_private)
    async with (
        httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(), network_backend=network, max_connections=1
        ) as pool,
        pool.stream(
            "POST", posting.url, headers=_headers(posting, now), content=posting.body.encode()
        ) as answer,
    ):
        # The body is never read: it says nothing that counts, and could be endless.
        return answer.status


def _headers(posting: Posting, now: datetime) -> dict[bytes | str, bytes | str]:
    """Sign as Standard Webhooks 1.0 says: over the id, the time in seconds, and the body."""
    message_id = str(posting.message_id)
    return {
        "Content-Type": "application/json",
        "User-Agent": "director-webhooks",
        "Accept-Encoding": "identity",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(posting.secret.get_secret_value()).sign(message_id, now, posting.body),
    }


def _error_of(failure: Exception) -> DeliveryError:
    if isinstance(failure, AddressRefusedError):
        return DeliveryError.ADDRESS_REFUSED
    if isinstance(failure, MailFailure):
        return DeliveryError.DNS_FAILED
    if isinstance(failure, (TimeoutError, httpcore.TimeoutException)):
        return DeliveryError.TIMED_OUT
    if isinstance(failure, ssl.SSLError) or isinstance(failure.__context__, ssl.SSLError):
        return DeliveryError.TLS_FAILED
    if isinstance(failure, (OSError, httpcore.NetworkError)):
        return DeliveryError.CONNECT_FAILED
    return DeliveryError.PROTOCOL_ERROR
