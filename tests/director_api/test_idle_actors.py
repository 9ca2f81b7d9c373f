"""Actors that have nothing to do cost the database nothing, and sleep on while one of them is woken."""

import asyncio
from typing import Any

from sqlalchemy import event

from tests.director_api.conftest import RunningDirector
from tests.director_api.scripted_actor import ScriptedActor

IDLE = 40
HELD_SECONDS = 40.0


async def all_held(director: RunningDirector, count: int) -> None:
    async with asyncio.timeout(30):
        while director.app.state.presence.held_polls < count:  # noqa: ASYNC110  # because nothing tells it
            await asyncio.sleep(0)


async def test_waking_one_of_many_wakes_no_other_and_idling_asks_nothing(director: RunningDirector) -> None:
    actors = [await director.enroll(f"vm-{number}") for number in range(IDLE)]
    profile = await director.profile(actors[0])
    for actor in actors:
        await actor.poll()  # after which its credential is known
    statements: list[str] = []
    polls: list[asyncio.Task[list[dict[str, Any]]]] = []

    def record(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if asyncio.current_task() in polls[1:]:
            statements.append(statement)

    engine = director.app.state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", record)
    polls += [asyncio.create_task(actor.poll(wait_seconds=HELD_SECONDS)) for actor in actors]
    await all_held(director, IDLE)
    await director.verify(profile)
    (lease,) = await polls[0]
    assert lease["kind"] == "check"
    await answered_again(actors[0], lease)
    assert not [poll for poll in polls if poll is not polls[0] and poll.done()]
    assert director.app.state.presence.held_polls == IDLE - 1
    assert statements == []
    event.remove(engine, "before_cursor_execute", record)
    director.app.state.board.close()
    assert await asyncio.gather(*polls[1:]) == [[]] * (IDLE - 1)


async def answered_again(actor: ScriptedActor, lease: dict[str, Any]) -> None:
    """Let the woken one finish, so that whatever its work told anybody has been told."""
    assert (await actor.report(lease, failure_code="mailbox_unavailable")).status_code == 200
    assert await actor.poll() == []
