"""A revoked Actor stays out, whatever it was in the middle of; and who stands is not shut out with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from joserfc.jwk import OKPKey
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol import enrolling
from director_api.actors import service
from director_api.actors.models import Actor
from tests.director_api.conftest import RunningDirector
from tests.director_api.events.test_two_directors import directors
from tests.director_api.scripted_actor import ScriptedActor, enrollment
from wire_contract.enrollment import PublicKey

__all__ = ["directors"]
BOUND = 20.0


def new_key() -> dict[str, Any]:
    """Return the public half of a new key."""
    return OKPKey.generate_key("X25519").as_dict(private=False)


async def polled(actor: ScriptedActor, credential: str) -> int:
    """Return the status of a poll with ``credential``."""
    actor.credential = credential
    answer = await actor.call("POST", "/actor/leases", {"capacity": 1, "wait_seconds": 0})
    return answer.status_code


async def test_a_rotation_that_waited_for_a_revocation_is_refused(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    assert await actor.poll() == []  # so that it is known, and nothing is looked up for the rotation
    async with asyncio.timeout(BOUND), director.app.state.database.write() as session:
        await service.revoke_actor(session, UUID(actor.id))
        await session.flush()
        rotation = asyncio.create_task(
            actor.call("POST", "/actor/credential/rotate", {"public_key": new_key()})
        )
        await asyncio.sleep(0)
    answer = await rotation
    assert (answer.status_code, answer.json().get("code")) == (401, "actor_not_enrolled")


async def test_a_revocation_sees_the_rotation_that_was_committed_before_it(
    directors: tuple[RunningDirector, RunningDirector],
) -> None:
    one, _ = directors
    actor = await one.enroll("vm-1")
    async with one.app.state.database.write() as session:
        before = await service.actor(session, UUID(actor.id))
        rotated = await actor.call("POST", "/actor/credential/rotate", {"public_key": new_key()})
        assert await service.revoke_actor(session, UUID(actor.id)) is before
    assert await polled(actor, rotated.json()["credential"]) == 401


async def test_enrolling_anew_ends_the_rotation_that_was_committed_meanwhile(
    directors: tuple[RunningDirector, RunningDirector], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = directors
    actor = await one.enroll("vm-1")
    minted = await one.admin.post("/enrollment-tokens", json={"actor_id": actor.id})
    credentials = []
    locked = enrolling._actor_for

    async def after_a_rotation(session: AsyncSession, *wanted: Any) -> Actor:
        async with one.app.state.database.write() as other:
            identity = await one.app.state.roster.find(actor.credential)
            key = PublicKey.model_validate(new_key())
            credentials.append(await enrolling.rotate(other, one.app.state.vault, identity, key))
        return await locked(session, *wanted)

    monkeypatch.setattr(enrolling, "_actor_for", after_a_rotation)
    anew = enrollment(minted.json()["token"], "vm-1", OKPKey.generate_key("X25519"))
    assert (await one.anonymous.post("/actor/enroll", json=anew)).status_code == 201
    assert await polled(actor, credentials[0]) == 401


async def test_a_rotated_credential_follows_none_that_was_revoked(director: RunningDirector) -> None:
    actor = await director.enroll("vm-1")
    rotated = await actor.call("POST", "/actor/credential/rotate", {"public_key": new_key()})
    async with director.app.state.database.write() as session:
        await session.execute(update(Actor).values(credential_hash=None))
    assert await polled(actor, rotated.json()["credential"]) == 401


async def test_a_sweep_leaves_what_was_looked_up_after_it_had_read(
    director: RunningDirector, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await director.enroll("vm-1")
    assert await first.poll() == []
    roster, database = director.app.state.roster, director.app.state.database
    late: list[ScriptedActor] = []

    class Slow:
        """A database whose answer is a while on its way."""

        @asynccontextmanager
        async def read(self) -> AsyncIterator[AsyncSession]:
            """Read, and let another Actor come before the answer does."""
            async with database.read() as session:
                yield session
            monkeypatch.setattr(roster, "_database", database)
            late.append(await director.enroll("vm-2"))
            assert await late[0].poll() == []

    monkeypatch.setattr(roster, "_database", Slow())
    await roster.sweep()
    known = [identity.name for identity in roster._by_hash.values()]
    assert known == ["vm-1", "vm-2"]
