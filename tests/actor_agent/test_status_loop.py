"""The Director hears of the Actor at the start, after each change, and now and then."""

import pytest

from actor_agent.director_client import DirectorClient
from actor_agent.retry_policy import RetryPolicy
from actor_agent.status_loop import LOOKS_PER_REPORT, StatusLoop, current_status
from actor_agent.waiting import Interface, Status
from tests.actor_agent.director import FakeDirector

OLD = Status(version="1", addresses=("192.0.2.1",))
NEW = Status(version="1", addresses=("192.0.2.9",))


async def test_it_reports_at_the_start_at_a_change_and_now_and_then(
    director: FakeDirector, client: DirectorClient, policy: RetryPolicy
) -> None:
    looks = iter([OLD, OLD, OLD, NEW, NEW, *[NEW] * LOOKS_PER_REPORT, NEW])
    naps: list[float] = []

    async def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) > 3 + LOOKS_PER_REPORT:
            raise EndOfTestError

    with pytest.raises(EndOfTestError):
        await StatusLoop(client, policy, look=lambda: next(looks), sleep=sleep).run()
    assert [status.addresses for status in director.statuses] == [told.addresses for told in (OLD, NEW, NEW)]


class EndOfTestError(Exception):
    """Ends a loop that would go on for ever."""


async def test_what_it_says_of_this_machine(director: FakeDirector, client: DirectorClient) -> None:
    await client.put_status(current_status())
    (status,) = director.statuses
    assert not status.draining
    assert "check" in status.capabilities
    told = [Interface(**interface.model_dump()) for interface in status.interfaces]
    assert tuple(told) == current_status().interfaces
