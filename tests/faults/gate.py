"""Holding a PostgreSQL statement at the door, so that a test knows where a Director stands when it dies."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.engine import make_url

_KEY = 7
_BOUND = 30.0
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION held_at_the_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_advisory_xact_lock({_KEY}); RETURN COALESCE(NEW, OLD); END $$
"""
_AT_THE_GATE = "FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted"
_WAITING = "SELECT count(*) " + _AT_THE_GATE
_END_WAITING = "SELECT pg_terminate_backend(pid) " + _AT_THE_GATE


class Gate:
    """A closed gate before one kind of statement on one table."""

    def __init__(self, runner: asyncio.Runner, connection: asyncpg.Connection) -> None:
        self._runner = runner
        self._connection = connection

    def reached(self) -> None:
        """Wait until a statement stands before the gate; the server has no event for that."""
        deadline = time.monotonic() + _BOUND
        while not self._runner.run(self._connection.fetchval(_WAITING, _KEY)):
            assert time.monotonic() < deadline, "nothing came to the gate"
            time.sleep(0.01)

    def turn_away(self) -> None:
        """Break the connection that waits: its process is dead, and the server has yet to notice."""
        self._runner.run(self._connection.fetch(_END_WAITING, _KEY))


@contextmanager
def gate(database_url: str, when: str) -> Iterator[Gate]:
    """Close the gate before ``when``, such as ``UPDATE ON outbox_message``, until the block ends."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(url))
        table = when.split(" ON ")[1].split(maxsplit=1)[0]
        arguments = "" if " WHEN " not in when else " WHEN " + when.split(" WHEN ")[1]
        event = when.split(" WHEN ", maxsplit=1)[0]
        for statement in (
            _FUNCTION,
            f"SELECT pg_advisory_lock({_KEY})",
            f"CREATE TRIGGER gate BEFORE {event} FOR EACH ROW{arguments} EXECUTE FUNCTION held_at_the_gate()",
        ):
            runner.run(connection.execute(statement))
        try:
            yield Gate(runner, connection)
        finally:
            runner.run(connection.execute(f"SELECT pg_advisory_unlock({_KEY})"))
            runner.run(connection.execute(f"DROP TRIGGER gate ON {table}"))
            runner.run(connection.close())
