"""How often an IMAP folder is searched, with a clock that stands still between sleeps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from actor_agent.mail import SearchWindow
from actor_agent.mail.imap.folders import Folder, open_folder
from actor_agent.mail.imap.watch import HOLD_SECONDS, OFTEN_SECONDS, Watch
from mail_transport.connecting import connect
from mail_transport.failures import LookAgain
from mail_transport.imap.session import Session
from mail_transport.journal import Journal
from tests.actor_agent.mail.imap_script import imap_script
from tests.actor_agent.mail.looking import HERE, wanted
from tests.servers.hostile import Peer, hostile_server
from wire_contract.verification_code import new_code

START = 1000.0


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def _never() -> Session:
    raise AssertionError


@asynccontextmanager
async def _searches(clock: Clock) -> AsyncIterator[tuple[Watch, list[float]]]:
    """A watch over an empty folder of a server without IDLE, and the moments at which it searches."""
    moments: list[float] = []

    async def noop(peer: Peer, tag: bytes) -> None:
        moments.append(clock.now - START)
        await peer.send(tag + b" OK done")

    async with hostile_server(imap_script({b"NOOP": noop})) as server:
        session = Session(await connect(server.host, server.port, HERE, Journal()))
        await session.read()
        inbox = Folder("INBOX")
        await open_folder(session, inbox)
        window = SearchWindow(clock)
        yield (
            Watch(
                *(session, inbox, wanted(new_code()), window, Journal(), clock, clock.sleep), reopen=_never
            ),
            moments,
        )
        session.channel.abort()


async def test_a_server_without_idle_is_searched_often_at_first_and_then_every_20_seconds() -> None:
    clock = Clock()
    async with _searches(clock) as (watch, moments):
        with pytest.raises(LookAgain):
            await watch.run()
    at_first = [moment for moment in moments if moment < OFTEN_SECONDS]
    later = [moment for moment in moments if moment > OFTEN_SECONDS + 1]
    assert len(at_first) >= 8
    assert {round(after - before, 6) for before, after in pairwise(later)} == {20.0}
    assert len(later) >= HOLD_SECONDS / 20 - 2
