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
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import among
from director_api.clock import Clock
from director_api.database import Database
from director_api.loops import IDLE_SECONDS, Removal, rest, seconds_until, whole
from director_api.vault import Vault
from director_api.wakeups import WEBHOOKS, Waiter, Wakeups
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
PURGED_AT_ONCE = 5_000
_AT_ONCE = 16
_AT_ONCE_FOR_ONE = 2
_LEASE = timedelta(seconds=4 * SECONDS)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to send now."""

    id: UUID
    webhook_id: UUID
    posting: Posting


class WebhookSender:
    """Sends due deliveries, each by itself: two at most to one target, which is slow maybe, and a few in all."""

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
        self._under_way: Counter[UUID] = Counter()
        """How many posts are under way to each webhook."""

    async def run(self) -> None:
        """Deliver until cancelled: woken when a delivery is put in or a post ends, and when the next one is due."""
        old = Removal(self.purge, PURGED_AT_ONCE, self._clock)
        with self._wakeups.on(WEBHOOKS) as waiter:
            async with asyncio.TaskGroup() as posts:
                while True:
                    begun = await self._begin_due(posts, waiter)
                    if await old.if_due() or begun:
                        continue
                    await rest(waiter.wait(await self._seconds_to_next()))

    async def _begin_due(self, posts: asyncio.TaskGroup, waiter: Waiter) -> int:
        """Begin to send what is due and there is room for. Returns how many deliveries that is."""
        due = await whole(self._take_due())
        for each in due:
            self._under_way[each.webhook_id] += 1
            posts.create_task(self._deliver(each)).add_done_callback(partial(self._ended, each, waiter))
        return len(due)

    def _ended(self, due: Due, waiter: Waiter, _: asyncio.Task[None]) -> None:
        self._under_way[due.webhook_id] -= 1
        self._under_way += Counter()  # which leaves out those to whom nothing is under way
        waiter.wake()

    async def purge(self) -> int:
        """Forget some of the deliveries that ended and are a week old. Returns how many went."""
        old = (
            select(Delivery.id)
            .where(Delivery.created_at < self._clock() - KEPT, Delivery.next_attempt_at.is_(None))
            .order_by(Delivery.created_at)
            .limit(PURGED_AT_ONCE)
        )
        async with self._database.read() as session:
            if await session.scalar(old.limit(1)) is None:  # which asks no writer's lock
                return 0
        async with self._database.write() as session:
            ids = (await session.scalars(old.with_for_update(skip_locked=True))).all()
            await session.execute(delete(Delivery).where(among(Delivery.id, ids)))
        return len(ids)

    async def _take_due(self) -> list[Due]:
        now = self._clock()
        if not (ids := await self._chosen(now)):  # which asks no writer's lock
            return []
        async with self._database.write() as session:
            rows = await session.scalars(
                select(Delivery)
                .where(among(Delivery.id, ids), Delivery.next_attempt_at <= now)
                .with_for_update(skip_locked=True)
            )
            chosen = rows.all()
            webhooks = await _webhooks_of(session, chosen)
            due = []
            for row in chosen:
                row.next_attempt_at, row.attempts, row.attempted_at = now + _LEASE, row.attempts + 1, now
                due.append(Due(row.id, row.webhook_id, self._posting(webhooks[row.webhook_id], row)))
            return due

    async def _chosen(self, now: datetime) -> list[UUID]:
        """Choose what to send now: first of all one for each webhook that has none under way, oldest first."""
        room = _AT_ONCE - self._under_way.total()
        if room <= 0:
            return []
        async with self._database.read() as session:
            rows = (await session.execute(_first_due(now))).all()
        candidates = []
        for webhook_id, *due in rows:
            under_way = self._under_way[webhook_id]
            places = range(under_way, _AT_ONCE_FOR_ONE)
            candidates += [
                (place, each) for place, each in zip(places, due, strict=False) if each is not None
            ]
        return [each for _, each in sorted(candidates)[:room]]

    def _posting(self, webhook: Webhook, row: Delivery) -> Posting:
        secret = self._vault.decrypt(webhook.secret_encrypted, owner=secret_owner(webhook.id))
        return Posting(
            webhook.url, webhook.allow_private_addresses, SecretStr(secret), row.message_id, row.body
        )

    async def _deliver(self, due: Due) -> None:
        try:
            answer = await post(due.posting, self._clock())
            await whole(self._record(due, answer))
        except Exception:  # it calls off no other; this one goes again when its lease lapses
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
        """Return how long there is nothing to begin; the end of a post wakes by itself."""
        if self._under_way.total() >= _AT_ONCE:
            return IDLE_SECONDS
        async with self._database.read() as session:
            rows = (await session.execute(_NEXT)).all()
        moments = [at for each, at in rows if at is not None and self._under_way[each] < _AT_ONCE_FOR_ONE]
        return seconds_until(min(moments, default=None), self._clock(), least=0.05)


_WAITING = (Delivery.webhook_id == Webhook.id, Delivery.next_attempt_at.is_not(None))
_NEXT = select(Webhook.id, select(func.min(Delivery.next_attempt_at)).where(*_WAITING).scalar_subquery())
"""For each webhook, when its next delivery is due."""


def _first_due(now: datetime) -> Select[*tuple[Any, ...]]:
    """Return the statement for each webhook and the first deliveries that are due to it.

    It looks each of them up in the index: however many are due to one webhook, they cost the others nothing.
    """
    due = select(Delivery.id).where(*_WAITING, Delivery.next_attempt_at <= now)
    in_turn = due.order_by(Delivery.next_attempt_at).limit(1)
    return select(Webhook.id, *(in_turn.offset(place).scalar_subquery() for place in range(_AT_ONCE_FOR_ONE)))


async def _webhooks_of(session: AsyncSession, rows: Sequence[Delivery]) -> dict[UUID, Webhook]:
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
