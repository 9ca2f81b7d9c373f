"""What is old goes on a Director that is never at rest, too: some at a time, until none is left."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from director_api.clock import new_id, utc_now
from director_api.database import Database
from director_api.events import publisher as events
from director_api.events.feed import EventFeed
from director_api.events.log import EventType, emit
from director_api.vault import SecretKey, open_vault
from director_api.wakeups import Waiter, Wakeups
from director_api.webhooks import sender
from director_api.webhooks.models import Delivery, Webhook

BOUND = 15.0


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database that no Director serves."""
    made = Database(database_url)
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def never_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a loop be woken whenever it waits, and remove one row at a time."""

    async def woken(_waiter: Waiter, _seconds: float | None) -> bool:
        await asyncio.sleep(0)
        return True

    monkeypatch.setattr(Waiter, "wait", woken)
    monkeypatch.setattr(events, "PURGED_AT_ONCE", 1)
    monkeypatch.setattr(sender, "PURGED_AT_ONCE", 1)


@asynccontextmanager
async def running(loop: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run a loop for the length of the block, which is bounded."""
    task = asyncio.ensure_future(loop())
    try:
        async with asyncio.timeout(BOUND):
            yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_old_events_go_while_new_ones_come(database: Database) -> None:
    def later() -> datetime:
        return utc_now() + events.RETENTION + timedelta(minutes=1)

    publisher = events.Publisher(database, Wakeups(), later)
    async with database.write() as session:
        for number in range(3):
            emit(session, EventType.CONSENT_REQUIRED, {"number": number})
    await publisher.publish()
    feed = EventFeed(database, Wakeups())
    async with running(publisher.run):
        while (await feed.extent()).purged < 3:
            pass


async def test_old_deliveries_go_while_new_ones_come(database: Database) -> None:
    old = utc_now() - sender.KEPT - timedelta(minutes=1)
    hook = Webhook(
        id=new_id(),
        url="https://hooks.example.test/",
        types=[],
        note="",
        allow_private_addresses=False,
        secret_encrypted=b"",
        enabled=True,
        created_at=old,
    )

    def delivery(state: str, next_attempt_at: datetime | None) -> Delivery:
        common = {"webhook_id": hook.id, "message_id": new_id(), "type": "webhook.test", "body": "{}"}
        return Delivery(
            id=new_id(),
            **common,
            state=state,
            attempts=1,
            next_attempt_at=next_attempt_at,
            created_at=old,
        )

    waits = delivery("queued", utc_now() + timedelta(hours=1))
    async with database.write() as session:
        session.add(hook)
        await session.flush()
        session.add_all([waits, *(delivery("delivered", None) for _ in range(3))])
    vault = await open_vault(database, (SecretKey.generate(),))
    async with running(sender.WebhookSender(database, vault, Wakeups(), utc_now).run):
        while await count(database) > 1:
            pass
    async with database.read() as session:
        assert (await session.scalars(select(Delivery.id))).all() == [waits.id], "it is not over"


async def count(database: Database) -> int:
    """Return how many deliveries there are."""
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(Delivery)) or 0
