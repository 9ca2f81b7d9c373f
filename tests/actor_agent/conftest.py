"""What the Actor's tests share."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from actor_agent.director_client import DirectorClient
from actor_agent.director_clock import DirectorClock
from actor_agent.director_http import DirectorHttp, open_http
from actor_agent.enrolling import enroll
from actor_agent.reachability import Reachability
from actor_agent.retry_policy import RetryPolicy
from actor_agent.secret import Secret
from actor_agent.state import Enrollment, State
from tests.actor_agent.director import TOKEN, FakeDirector


@pytest.fixture
async def director() -> AsyncIterator[FakeDirector]:
    """A Director that listens."""
    director = FakeDirector()
    await director.start()
    yield director
    await director.stop()


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A state folder that does not exist yet."""
    return State(tmp_path / "state")


@pytest.fixture
async def enrollment(director: FakeDirector, state: State) -> Enrollment:
    """The identity of an Actor that has enrolled."""
    async with open_http(director.url, credential=None, ca_file=None) as http:
        client = DirectorClient(http, DirectorClock())
        return await enroll(state, client, director_url=director.url, token=Secret(TOKEN), name="office-1")


@pytest.fixture
def clock() -> DirectorClock:
    """The Director's clock as the Actor follows it."""
    return DirectorClock()


@pytest.fixture
async def http(enrollment: Enrollment) -> AsyncIterator[DirectorHttp]:
    """The enrolled Actor's connections."""
    async with open_http(enrollment.director_url, credential=enrollment.credential, ca_file=None) as http:
        yield http


@pytest.fixture
def client(http: DirectorHttp, clock: DirectorClock) -> DirectorClient:
    """The enrolled Actor's client."""
    return DirectorClient(http, clock)


class Pauses(list[float]):
    """Takes the place of sleeping: notes for how long, and lets others run."""

    async def sleep(self, seconds: float) -> None:
        """Note ``seconds`` and return at once."""
        self.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def pauses() -> Pauses:
    """The pauses that the policy made."""
    return Pauses()


@pytest.fixture
def policy(pauses: Pauses) -> RetryPolicy:
    """The retry policy without its waiting, and with the longest pause as the random one."""
    return RetryPolicy(Reachability(), sleep=pauses.sleep, uniform=lambda _low, high: high)


@pytest.fixture
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test says itself what its environment is."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
