"""Making and changing webhooks, and asking for a delivery by hand."""

import base64
import json
import secrets
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import new_id, utc_now
from director_api.database import signal
from director_api.problems import Problem, invalid_field, not_found
from director_api.vault import Vault
from director_api.wakeups import WEBHOOKS
from director_api.webhooks.addresses import is_public
from director_api.webhooks.models import Delivery, Webhook
from director_api.webhooks.schemas import WebhookCreate, WebhookPatch

TEST = "webhook.test"


def secret_owner(webhook_id: UUID) -> str:
    """Name the place of a webhook's secret, to which its encryption is bound."""
    return f"webhook:{webhook_id}:secret"


async def webhook(session: AsyncSession, webhook_id: UUID, *, for_update: bool = False) -> Webhook:
    """Return a webhook.

    Raises:
        Problem: there is no such webhook.
    """
    row = await session.get(Webhook, webhook_id, with_for_update=for_update)
    if row is None:
        raise not_found("webhook")
    return row


async def create(session: AsyncSession, vault: Vault, wanted: WebhookCreate) -> tuple[Webhook, str]:
    """Make a webhook and return its secret in clear, for the only time.

    Raises:
        Problem: the URL leads where a webhook may not.
    """
    _refuse_url(wanted.url, allow_private=wanted.allow_private_addresses)
    webhook_id = new_id()
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    row = Webhook(
        id=webhook_id,
        url=wanted.url,
        types=[each.value for each in wanted.types],
        note=wanted.note,
        allow_private_addresses=wanted.allow_private_addresses,
        secret_encrypted=vault.encrypt(secret, owner=secret_owner(webhook_id)),
        enabled=True,
        created_at=utc_now(),
    )
    session.add(row)
    await session.flush()
    return row, secret


async def change(session: AsyncSession, row: Webhook, patch: WebhookPatch) -> None:
    """Change a webhook; disabling it ends what waits for it.

    Raises:
        Problem: the URL leads where a webhook may not.
    """
    changes = patch.model_dump(mode="json", exclude_none=True)
    enabled = changes.pop("enabled", None)
    for name, value in changes.items():
        setattr(row, name, value)
    _refuse_url(row.url, allow_private=row.allow_private_addresses)
    if enabled:
        row.enabled, row.disabled_reason, row.failing_since = True, None, None
    elif enabled is False and row.enabled:
        row.enabled, row.disabled_reason = False, "request"
        await session.flush()
        await session.execute(
            update(Delivery)
            .where(Delivery.webhook_id == row.id, Delivery.state == "queued")
            .values(state="failed", next_attempt_at=None, error_code="webhook_disabled")
        )


async def send_test(session: AsyncSession, row: Webhook) -> Delivery:
    """Put a test delivery by.

    Raises:
        Problem: the webhook is disabled.
    """
    _refuse_disabled(row)
    message_id, now = new_id(), utc_now()
    body = {
        "id": str(message_id),
        "type": TEST,
        "timestamp": now.isoformat(),
        "data": {"webhook_id": str(row.id)},
    }
    return await _put_by(session, row, message_id, TEST, json.dumps(body))


async def send_again(session: AsyncSession, row: Webhook, delivery_id: UUID) -> Delivery:
    """Put a delivery of before by once more, with the same message id.

    Raises:
        Problem: the webhook is disabled, or it has no such delivery.
    """
    _refuse_disabled(row)
    before = await session.get(Delivery, delivery_id)
    if before is None or before.webhook_id != row.id:
        raise not_found("delivery of this webhook")
    return await _put_by(session, row, before.message_id, before.type, before.body)


async def _put_by(session: AsyncSession, row: Webhook, message_id: UUID, kind: str, body: str) -> Delivery:
    now = utc_now()
    common: dict[str, Any] = {
        "id": new_id(),
        "webhook_id": row.id,
        "message_id": message_id,
        "created_at": now,
    }
    delivery = Delivery(**common, type=kind, body=body, state="queued", attempts=0, next_attempt_at=now)
    session.add(delivery)
    await session.flush()
    signal(session, WEBHOOKS)
    return delivery


def _refuse_disabled(row: Webhook) -> None:
    if not row.enabled:
        raise Problem(409, "webhook_disabled", "This webhook is disabled: PATCH enabled true first.")


def _refuse_url(url: str, *, allow_private: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise invalid_field("/url", "invalid_value", "This is not a URL with a host and a port.") from None
    if not host:
        raise invalid_field("/url", "invalid_value", "The URL names no host.")
    if allow_private:
        return
    if parts.scheme != "https":
        raise invalid_field(
            "/url",
            "https_required",
            "Use https, or allow_private_addresses for a target of your own network.",
        )
    try:
        public = is_public(str(ip_address(host)))
    except ValueError:
        public = True  # a name is looked at when the connection is made
    if not public:
        raise invalid_field(
            "/url",
            "private_address",
            "This address is private: set allow_private_addresses if that is meant.",
        )
