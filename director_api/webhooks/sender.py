"""Delivering what is due.

A delivery is leased by moving its ``next_attempt_at`` ahead, in a transaction of its own; it is sent
with nothing held; what came of it is recorded in another. A Director that dies in between leaves a row
that another sends when its time comes: a message may go twice, with the same ``webhook-id``.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import among
from director_api.clock import Clock
from director_api.database import Database
from director_api.loops import seconds_until, whole
from director_api.vault import Vault
from director_api.wakeups import WEBHOOKS, Wakeups
from director_api.webhooks.models import Delivery, Webhook
from director_api.webhooks.posting import SECONDS, Answer, DeliveryError, Posting, post
from director_api.webhooks.service import secret_owner

log = logging.getLogger(__name__)
BACKOFF = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 86_400)
)
"""Waits between attempts, each with jitter of a fifth: about four days in all."""
DISABLED_AFTER = timedelta(days=5)
KEPT = timedelta(days=7)
_AT_ONCE = 16
_AT_ONCE_FOR_ONE = 2
_LOOKED_AT = 200
_LEASE = timedelta(seconds=4 * SECONDS)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to send now."""

    id: UUID
    webhook_id: UUID
    posting: Posting


class WebhookSender:
    """Sends due deliveries, a few at a time, so that one slow target holds up two of them at most."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        wakeups: Wakeups,
        clock: Clock,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._database = database
        self._vault = vault
        self._wakeups = wakeups
        self._clock = clock
        self._jitter = jitter

    async def run(self) -> None:
        """Deliver until cancelled: woken when a delivery is put in, and when the next one is due."""
        with self._wakeups.on(WEBHOOKS) as waiter:
            while True:
                while await self.deliver_due():
                    pass
                if not await waiter.wait(await self._seconds_to_next()):
                    await whole(self.purge())

    async def deliver_due(self) -> int:
        """Send what is due. Returns how many deliveries were tried."""
        due = await whole(self._take_due())
        async with asyncio.TaskGroup() as group:
            for each in due:
                group.create_task(self._deliver(each))
        return len(due)

    async def purge(self) -> None:
        """Forget deliveries that ended a week ago."""
        async with self._database.write() as session:
            await session.execute(
                delete(Delivery).where(Delivery.state != "queued", Delivery.created_at < self._clock() - KEPT)
            )

    async def _take_due(self) -> list[Due]:
        now = self._clock()
        async with self._database.write() as session:
            rows = await session.scalars(
                select(Delivery)
                .where(Delivery.next_attempt_at <= now)
                .order_by(Delivery.next_attempt_at)
                .limit(_LOOKED_AT)
                .with_for_update(skip_locked=True)
            )
            chosen = _fair(rows.all())
            webhooks = await _webhooks_of(session, chosen)
            due = []
            for row in chosen:
                row.next_attempt_at, row.attempts, row.attempted_at = now + _LEASE, row.attempts + 1, now
                due.append(Due(row.id, row.webhook_id, self._posting(webhooks[row.webhook_id], row)))
            return due

    def _posting(self, webhook: Webhook, row: Delivery) -> Posting:
        secret = self._vault.decrypt(webhook.secret_encrypted, owner=secret_owner(webhook.id))
        return Posting(
            webhook.url, webhook.allow_private_addresses, SecretStr(secret), row.message_id, row.body
        )

    async def _deliver(self, due: Due) -> None:
        try:
            answer = await post(due.posting, self._clock())
            await whole(self._record(due, answer))
        except Exception:  # which calls off no other; this one goes again when its lease lapses
            log.exception("a delivery failed on this side: %s", due.id)

    async def _record(self, due: Due, answer: Answer) -> None:
        now = self._clock()
        async with self._database.write() as session:
            # The webhook before its deliveries, as whoever changes or deletes it: none waits in a circle.
            webhook = await session.get(Webhook, due.webhook_id, with_for_update=True)
            row = await session.get(Delivery, due.id, with_for_update=True)
            if webhook is None or row is None or row.state != "queued":
                return
            row.response_status, row.milliseconds, row.error_code = (
                answer.status,
                answer.milliseconds,
                answer.error,
            )
            if answer.error is None:
                row.state, row.next_attempt_at, webhook.failing_since = "delivered", None, None
                return
            webhook.failing_since = webhook.failing_since or now
            if row.attempts > len(BACKOFF):
                row.state, row.next_attempt_at = "failed", None
            else:
                row.next_attempt_at = now + BACKOFF[row.attempts - 1] * self._jitter(0.8, 1.2)
            if answer.status == 410 or webhook.failing_since <= now - DISABLED_AFTER:
                await _disable(session, webhook, "gone" if answer.status == 410 else "failing")

    async def _seconds_to_next(self) -> float:
        async with self._database.read() as session:
            at: datetime | None = await session.scalar(select(func.min(Delivery.next_attempt_at)))
        return seconds_until(at, self._clock(), least=0.05)


def _fair(rows: Sequence[Delivery]) -> list[Delivery]:
    taken: Counter[UUID] = Counter()
    chosen: list[Delivery] = []
    for row in rows:
        if taken[row.webhook_id] < _AT_ONCE_FOR_ONE and len(chosen) < _AT_ONCE:
            taken[row.webhook_id] += 1
            chosen.append(row)
    return chosen


async def _webhooks_of(session: AsyncSession, rows: list[Delivery]) -> dict[UUID, Webhook]:
    found = await session.scalars(select(Webhook).where(among(Webhook.id, {row.webhook_id for row in rows})))
    return {webhook.id: webhook for webhook in found}


async def _disable(session: AsyncSession, webhook: Webhook, reason: str) -> None:
    webhook.enabled, webhook.disabled_reason = False, reason
    await session.flush()
    await session.execute(
        update(Delivery)
        .where(Delivery.webhook_id == webhook.id, Delivery.state == "queued")
        .values(state="failed", next_attempt_at=None, error_code=DeliveryError.WEBHOOK_DISABLED)
    )
