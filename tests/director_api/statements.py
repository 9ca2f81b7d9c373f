"""Writing down the statements that reach the database."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from tests.director_api.conftest import RunningDirector


@contextmanager
def recorded(director: RunningDirector, *, of_everyone: bool = False) -> Iterator[list[str]]:
    """Collect the statements of the block; those of the Director's own loops too if ``of_everyone``.

    A request of a test is served in the test's own task.
    """
    seen: list[str] = []
    task = asyncio.current_task()

    def record(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if of_everyone or asyncio.current_task() is task:
            seen.append(statement)

    engine = director.app.state.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", record)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", record)
