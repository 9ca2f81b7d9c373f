"""What becomes of a key by time, by a Director that dies, and between two Directors."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from director_api.app import create_app
from director_api.clock import new_id
from director_api.database import at_each_commit
from director_api.idempotency.keys import KEPT, LOCKED, LONGEST_ANSWER, Answer, Asked, Held, Keys
from director_api.idempotency.models import IdempotencyKey
from director_api.problems import Problem
from director_api.security_zones.models import SecurityZone
from director_api.vault import SecretKey
from tests.director_api.conftest import RunningDirector, client_for, prepared
from tests.servers.postgres import Postgres

ASKED = Asked(b"the key", b"the request")
ANSWER = Answer(201, (("content-type", "application/json"),), b"{}")


async def held(keys: Keys, asked: Asked = ASKED) -> Held:
    """Hold a key that is free."""
    found = await keys.hold(asked)
    assert isinstance(found, Held)
    return found


async def refused(keys: Keys, asked: Asked = ASKED) -> str:
    """Return why a key is not to be had."""
    with pytest.raises(Problem) as caught:
        await keys.hold(asked)
    return caught.value.code


async def make_zone(director: RunningDirector, holder: Held) -> None:
    """Do some work under a key."""
    with at_each_commit(holder.mark):
        async with director.app.state.database.write() as session:
            session.add(SecurityZone(id=new_id(), name="dmz", description="", created_at=director.clock()))


async def count(director: RunningDirector, table: type[object]) -> int:
    async with director.app.state.database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)))


async def test_a_key_whose_holder_died_before_its_work_is_free_after_a_while(
    director: RunningDirector,
) -> None:
    keys = director.app.state.idempotency
    first = await held(keys)
    assert await refused(keys) == "idempotency_key_in_use"
    director.clock.ahead += LOCKED
    second = await held(keys)
    with pytest.raises(Problem, match="being answered"):
        await make_zone(director, first)  # it was only slow, and must not do it now
    assert await count(director, SecurityZone) == 0
    await make_zone(director, second)
    assert await count(director, SecurityZone) == 1


async def test_a_key_whose_holder_died_after_its_work_never_lets_it_be_done_again(
    director: RunningDirector,
) -> None:
    keys = director.app.state.idempotency
    await make_zone(director, await held(keys))
    assert await refused(keys) == "idempotency_key_in_use"
    director.clock.ahead += LOCKED
    assert await refused(keys) == "answer_not_kept"


async def test_a_failure_lets_the_key_go_unless_the_work_was_done(director: RunningDirector) -> None:
    keys = director.app.state.idempotency
    await keys.release(await held(keys))
    holder = await held(keys)
    await make_zone(director, holder)
    await keys.release(holder)
    assert await refused(keys) == "answer_not_kept"


async def test_an_answer_is_kept_for_a_day(director: RunningDirector) -> None:
    keys = director.app.state.idempotency
    await keys.keep(await held(keys), ANSWER, issues=False)
    director.clock.ahead += KEPT - timedelta(seconds=60)
    assert await keys.hold(ASKED) == ANSWER
    assert await refused(keys, Asked(ASKED.key_hash, b"another")) == "idempotency_key_reused"
    director.clock.ahead += timedelta(seconds=60)
    await held(keys, Asked(ASKED.key_hash, b"another"))


async def test_a_long_answer_is_not_stored(director: RunningDirector) -> None:
    keys = director.app.state.idempotency
    await keys.keep(await held(keys), Answer(201, (), b" " * (LONGEST_ANSWER + 1)), issues=False)
    assert await refused(keys) == "answer_not_kept"


async def test_expired_keys_are_removed(director: RunningDirector) -> None:
    keys = director.app.state.idempotency
    await keys.keep(await held(keys), ANSWER, issues=False)
    director.clock.ahead += KEPT
    await held(keys, Asked(b"a newer key", b"the request"))
    await keys.forget_old()
    assert await count(director, IdempotencyKey) == 1


async def test_two_directors_carry_out_one_of_two_requests(postgres: Postgres) -> None:
    url, secret_keys = await postgres.new_database(), (SecretKey.generate(),)
    tokens = await prepared(url, secret_keys)
    one, other = create_app(url, secret_keys), create_app(url, secret_keys)
    async with one.router.lifespan_context(one), other.router.lifespan_context(other):
        clients = [client_for(app, tokens["admin"]) for app in (one, other)]
        headers = {"Idempotency-Key": "k"}
        calls = (
            client.post("/security-zones", json={"name": "dmz"}, headers=headers)
            for client in clients
            for _ in range(5)
        )
        answers = await asyncio.gather(*calls)
        made = {answer.content for answer in answers if answer.status_code == 201}
        assert len(made) == 1
        assert {answer.status_code for answer in answers} <= {201, 409}
        listed = (await clients[0].get("/security-zones")).json()["items"]
        assert [zone["name"] for zone in listed] == ["dmz"]
        for client in clients:
            await client.aclose()
