"""Routes of webhooks."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from director_api.access.callers import Admin
from director_api.audit.log import SECRET, differences, record
from director_api.dependencies import Reading, TheVault, Writing
from director_api.paging import Page, ThePage, order_by, page_of
from director_api.problems import responses
from director_api.webhooks import service
from director_api.webhooks.models import Delivery, Webhook
from director_api.webhooks.schemas import (
    DeliveryRead,
    WebhookCreate,
    WebhookMinted,
    WebhookPatch,
    WebhookRead,
)

router = APIRouter(prefix="/webhooks", tags=["Webhooks"], responses=responses(401, 403, 422))


@router.get("")
async def list_webhooks(_: Admin, session: Reading, page: ThePage) -> Page[WebhookRead]:
    """List the webhooks, without their secrets."""
    rows, cursor = await page_of(session, select(Webhook), Webhook.id, page)
    return Page(items=[_read(row) for row in rows], next_cursor=cursor)


@router.post("", status_code=201, responses=responses(400))
async def create_webhook(
    caller: Admin, body: WebhookCreate, session: Writing, vault: TheVault, response: Response
) -> WebhookMinted:
    """Make a webhook. The answer is the only place where its secret is ever shown."""
    row, secret = await service.create(session, vault, body)
    changes = {**differences({}, body.model_dump(mode="json")), "secret": SECRET}
    record(session, caller, "webhook.created", row.id, changes)
    response.headers["Cache-Control"] = "no-store"
    return WebhookMinted(**_read(row).model_dump(), secret=secret)


@router.get("/{webhook_id}", responses=responses(404))
async def get_webhook(_: Admin, webhook_id: UUID, session: Reading) -> WebhookRead:
    """Read a webhook."""
    return _read(await service.webhook(session, webhook_id))


@router.patch("/{webhook_id}", responses=responses(400, 404))
async def change_webhook(
    caller: Admin, webhook_id: UUID, body: WebhookPatch, session: Writing
) -> WebhookRead:
    """Change a webhook, disable it or enable it again."""
    row = await service.webhook(session, webhook_id, for_update=True)
    before = _read(row).model_dump(mode="json")
    await service.change(session, row, body)
    changes = differences(before, _read(row).model_dump(mode="json"))
    record(session, caller, "webhook.updated", webhook_id, changes)
    return _read(row)


@router.delete("/{webhook_id}", status_code=204, responses=responses(404))
async def delete_webhook(caller: Admin, webhook_id: UUID, session: Writing) -> None:
    """Delete a webhook with what waits for it."""
    row = await service.webhook(session, webhook_id, for_update=True)
    record(session, caller, "webhook.deleted", webhook_id, differences({"url": row.url}, {}))
    await session.delete(row)


@router.post("/{webhook_id}/test", status_code=202, responses=responses(404, 409))
async def try_webhook(caller: Admin, webhook_id: UUID, session: Writing) -> DeliveryRead:
    """Send an event of the type ``webhook.test``; the deliveries show what came of it."""
    row = await service.webhook(session, webhook_id, for_update=True)
    record(session, caller, "webhook.tested", webhook_id)
    return _read_delivery(await service.send_test(session, row))


@router.get("/{webhook_id}/deliveries", responses=responses(404))
async def list_deliveries(
    _: Admin,
    webhook_id: UUID,
    session: Reading,
    page: ThePage,
    sort: Annotated[Literal["created_at", "-created_at"], Query()] = "created_at",
) -> Page[DeliveryRead]:
    """List the deliveries of a week, oldest first or the other way round."""
    await service.webhook(session, webhook_id)
    query = select(Delivery).where(Delivery.webhook_id == webhook_id)
    order = order_by({"created_at": Delivery.id}, sort)
    rows, cursor = await page_of(session, query, Delivery.id, page, order=order, scope=webhook_id)
    return Page(items=[_read_delivery(row) for row in rows], next_cursor=cursor)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/redeliver", status_code=202, responses=responses(404, 409)
)
async def redeliver(caller: Admin, webhook_id: UUID, delivery_id: UUID, session: Writing) -> DeliveryRead:
    """Send a delivery once more, as a delivery of its own with the same ``webhook-id``."""
    row = await service.webhook(session, webhook_id, for_update=True)
    record(session, caller, "webhook.redelivered", webhook_id)
    return _read_delivery(await service.send_again(session, row, delivery_id))


def _read(row: Webhook) -> WebhookRead:
    return WebhookRead.model_validate(row, from_attributes=True)


def _read_delivery(row: Delivery) -> DeliveryRead:
    return DeliveryRead.model_validate(row, from_attributes=True)
