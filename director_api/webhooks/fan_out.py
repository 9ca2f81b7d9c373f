"""Making the deliveries of events, in the transaction that publishes them: each exactly once."""

import json
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import new_id, utc_now
from director_api.database import signal
from director_api.events.models import Event
from director_api.wakeups import WEBHOOKS
from director_api.webhooks.models import Delivery, Webhook


async def fan_out(session: AsyncSession, events: Sequence[Event]) -> None:
    """Put a delivery by for each enabled webhook that wants an event."""
    # Locked against deletion until the commit, so that no delivery is left without its webhook.
    rows = await session.scalars(
        select(Webhook).where(Webhook.enabled).with_for_update(read=True, key_share=True)
    )
    webhooks = rows.all()
    for event in events:
        for webhook in webhooks:
            if event.type in webhook.types:
                session.add(delivery_of(webhook, event))
    if webhooks:
        signal(session, WEBHOOKS)


def delivery_of(webhook: Webhook, event: Event) -> Delivery:
    """Make the delivery of an event."""
    body = {
        "id": str(event.id),
        "type": event.type,
        "timestamp": event.created_at.isoformat(),
        "position": event.position,
        "data": event.data,
    }
    now = utc_now()
    return Delivery(
        id=new_id(),
        webhook_id=webhook.id,
        message_id=event.id,
        type=event.type,
        body=json.dumps(body),
        state="queued",
        attempts=0,
        next_attempt_at=now,
        created_at=now,
    )
