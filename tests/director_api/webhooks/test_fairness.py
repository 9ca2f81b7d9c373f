"""A target that does not answer delays its own deliveries, and no other's."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from director_api.clock import new_id, utc_now
from director_api.database import Database
from director_api.vault import SecretKey, open_vault
from director_api.wakeups import Wakeups
from director_api.webhooks import sender
from director_api.webhooks.models import Delivery, Webhook
from director_api.webhooks.posting import Answer, Posting
from director_api.webhooks.service import secret_owner

BOUND = 15.0
SILENT, GOOD = "http://silent.test/", "http://good.test/"


def due(hook: Webhook, at: datetime) -> Delivery:
    """Return a delivery that is due."""
    common = {"webhook_id": hook.id, "message_id": new_id(), "type": "webhook.test", "body": "{}"}
    return Delivery(id=new_id(), **common, state="queued", attempts=0, next_attempt_at=at, created_at=at)


async def test_a_silent_target_with_many_deliveries_holds_up_none_of_another(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_url)
    vault = await open_vault(database, (SecretKey.generate(),))
    begun: Counter[str] = Counter()

    async def post(posting: Posting, _now: datetime) -> Answer:
        begun[posting.url] += 1
        if posting.url == SILENT:
            await asyncio.Event().wait()
        return Answer(200, None, 1)

    def hook(url: str) -> Webhook:
        key = new_id()
        secret = vault.encrypt("whsec_" + "A" * 44, owner=secret_owner(key))
        common = {"types": [], "note": "", "allow_private_addresses": True, "enabled": True}
        return Webhook(id=key, url=url, secret_encrypted=secret, created_at=utc_now(), **common)

    monkeypatch.setattr(sender, "post", post)
    silent, good = hook(SILENT), hook(GOOD)
    earlier = utc_now() - timedelta(minutes=1)
    async with database.write() as session:
        session.add_all([silent, good])
        await session.flush()
        session.add_all(due(silent, earlier + timedelta(milliseconds=number)) for number in range(250))
        await session.flush()
        session.add_all(due(good, utc_now()) for _ in range(9))
    running = asyncio.create_task(sender.WebhookSender(database, vault, Wakeups(), utc_now).run())
    delivered = select(func.count()).where(Delivery.state == "delivered")
    async with asyncio.timeout(BOUND), database.read() as session:
        while await session.scalar(delivered) != 9:
            await session.rollback()  # so that SQLite shows what came since
    assert begun == {SILENT: 2, GOOD: 9}
    running.cancel()
    async with asyncio.timeout(BOUND):
        await asyncio.gather(running, return_exceptions=True)
    await database.close()
