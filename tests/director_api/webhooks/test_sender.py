"""What came of deliveries is recorded beside changes of their webhook, and each for itself."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from director_api.clock import new_id, utc_now
from director_api.database import Database
from director_api.vault import SecretKey, Vault, open_vault
from director_api.wakeups import Wakeups
from director_api.webhooks import sender as sending
from director_api.webhooks import service
from director_api.webhooks.models import Delivery, Webhook
from director_api.webhooks.posting import Answer, DeliveryError
from director_api.webhooks.schemas import WebhookPatch
from director_api.webhooks.sender import WebhookSender
from tests.director_api.waits import BOUND, until_waiting
from tests.servers.postgres import Postgres

GONE = Answer(410, DeliveryError.HTTP_STATUS, 10)


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    """A database whose transactions wait for each other, with no Director at work."""
    database = Database(await postgres.new_database())
    yield database
    await database.close()


@pytest.fixture
async def sender(database: Database, monkeypatch: pytest.MonkeyPatch) -> WebhookSender:
    """A sender to a target that is gone."""

    async def post(*_: Any) -> Answer:
        return GONE

    monkeypatch.setattr(sending, "post", post)
    return WebhookSender(database, await vault_of(database), Wakeups(), utc_now)


async def vault_of(database: Database) -> Vault:
    return await open_vault(database, (SecretKey.generate(),))


async def hook(database: Database, vault: Vault, deliveries: int) -> UUID:
    """Make a webhook with deliveries that are due."""
    webhook_id, now = new_id(), utc_now()
    async with database.write() as session:
        session.add(
            Webhook(
                id=webhook_id,
                url="https://hooks.example.test/",
                types=["x"],
                note="",
                allow_private_addresses=False,
                secret_encrypted=vault.encrypt("whsec_x", owner=service.secret_owner(webhook_id)),
                enabled=True,
                created_at=now,
            )
        )
        await session.flush()
        session.add_all(
            Delivery(
                id=new_id(),
                webhook_id=webhook_id,
                message_id=new_id(),
                type="x",
                body="{}",
                state="queued",
                attempts=0,
                next_attempt_at=now,
                created_at=now,
            )
            for _ in range(deliveries)
        )
    return webhook_id


async def states(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(Delivery.state)))


@pytest.mark.parametrize("end", ["disabled", "deleted"])
async def test_a_webhook_that_ends_and_a_result_wait_in_one_queue(
    database: Database, sender: WebhookSender, end: str
) -> None:
    webhook_id = await hook(database, sender._vault, deliveries=2)
    (due, _) = await sender._take_due()
    async with asyncio.timeout(BOUND), database.write() as session:
        row = await service.webhook(session, webhook_id, for_update=True)
        recording = asyncio.create_task(sender._record(due, GONE))
        await until_waiting(database, recording)
        if end == "disabled":
            await service.change(session, row, WebhookPatch(enabled=False))
        else:
            await session.delete(row)
        await session.flush()
    await recording
    assert await states(database) == (["failed", "failed"] if end == "disabled" else [])


async def test_two_results_that_disable_a_webhook_wait_in_one_queue(
    database: Database, sender: WebhookSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hook(database, sender._vault, deliveries=2)
    first, second = await sender._take_due()
    disable = sending._disable
    others: list[asyncio.Task[None]] = []

    async def while_another_waits(*wanted: Any) -> None:
        monkeypatch.setattr(sending, "_disable", disable)
        others.append(asyncio.create_task(sender._record(second, GONE)))
        await until_waiting(database, others[0])
        await disable(*wanted)

    monkeypatch.setattr(sending, "_disable", while_another_waits)
    async with asyncio.timeout(BOUND):
        await sender._record(first, GONE)
        await others[0]
    assert await states(database) == ["failed", "failed"]


async def test_a_delivery_whose_result_is_not_recorded_calls_off_no_other(
    database: Database, sender: WebhookSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hook(database, sender._vault, deliveries=1)
    await hook(database, sender._vault, deliveries=1)
    record, failed = sender._record, asyncio.Event()
    tried: list[sending.Due] = []

    async def fail_first(due: sending.Due, answer: Answer) -> None:
        tried.append(due)
        if len(tried) == 1:
            failed.set()
            raise RuntimeError("the database hung up")
        await failed.wait()
        await record(due, answer)

    monkeypatch.setattr(sender, "_record", fail_first)
    due = await sender._take_due()
    async with asyncio.timeout(BOUND):
        await asyncio.gather(*(sender._deliver(each) for each in due))
    assert len(tried) == 2
    assert sorted(await states(database)) == ["failed", "queued"]
