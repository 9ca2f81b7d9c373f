"""The Actor as a whole, with the real mail side, against a Director that it polls over HTTP."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from actor_agent.agent import Agent
from actor_agent.director_client import DirectorClient
from actor_agent.director_clock import DirectorClock
from actor_agent.director_errors import CredentialRefused
from actor_agent.reach import Reach
from actor_agent.retry_policy import RetryPolicy
from actor_agent.state import Enrollment, State
from mail_transport.egress import EgressPolicy
from tests.actor_agent.director import HOST, FakeDirector, problem
from tests.actor_agent.quiet_server import QuietServer, quiet_server
from tests.actor_agent.sealed_lease import sealed_lease
from tests.servers.ports import free_ports
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode

CAPACITY = 2


@pytest.fixture
def agent(
    state: State, enrollment: Enrollment, client: DirectorClient, policy: RetryPolicy, clock: DirectorClock
) -> Agent:
    return Agent(state, enrollment, Reach(EgressPolicy.parse(HOST)), CAPACITY, client, policy, clock)


@pytest.fixture
async def quiet() -> AsyncIterator[QuietServer]:
    async with quiet_server() as server:
        yield server


@asynccontextmanager
async def at_work(agent: Agent) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(agent.run())
    try:
        yield task
    finally:
        agent.stop()
        with contextlib.suppress(CredentialRefused):
            await task


async def test_from_a_lease_to_its_result(
    director: FakeDirector, agent: Agent, enrollment: Enrollment
) -> None:
    given = sealed_lease(enrollment, port=free_ports(1)[0])
    async with at_work(agent):
        await director.give(given)
        await director.until(lambda: given["id"] in director.results)
    result = director.results[given["id"]]
    assert result.failure_code is FailureCode.TCP_REFUSED
    assert [(step.step, step.outcome) for step in result.diagnostics] == [
        (StepName.RESOLVE, StepOutcome.OK),
        (StepName.CONNECT, StepOutcome.FAILED),
    ]


async def test_progress_is_seen_while_a_job_runs(
    director: FakeDirector, agent: Agent, enrollment: Enrollment, quiet: QuietServer
) -> None:
    given = sealed_lease(enrollment, port=quiet.port)
    async with at_work(agent):
        await director.give(given)
        await director.until(
            lambda: any(len(update.progress) == 2 for update in director.updates[given["id"]])
        )
    seen = director.updates[given["id"]][-1].progress
    assert [step.step for step in seen][:2] == [StepName.RESOLVE, StepName.CONNECT]
    assert given["id"] not in director.results


async def test_a_cancellation_closes_the_connection(
    director: FakeDirector, agent: Agent, enrollment: Enrollment, quiet: QuietServer
) -> None:
    given = sealed_lease(enrollment, port=quiet.port)
    director.renewals[given["id"]] = {"state": "cancelled"}
    async with at_work(agent):
        await director.give(given)
        async with asyncio.timeout(20):
            await quiet.left.wait()
    assert given["id"] not in director.results
    assert not [update for update in director.updates[given["id"]] if update.hand_back]


async def test_jobs_run_beside_each_other_and_one_too_many_is_handed_back(
    director: FakeDirector, agent: Agent, enrollment: Enrollment, quiet: QuietServer
) -> None:
    first, second, surplus = (sealed_lease(enrollment, port=quiet.port) for _ in range(3))
    async with at_work(agent):
        await director.give(first, second, surplus)
        await director.until(lambda: director.updates[first["id"]] and director.updates[second["id"]])
        await director.until(lambda: director.updates[surplus["id"]])
        assert director.updates[surplus["id"]][0].hand_back
        assert director.standing_polls == []


async def test_a_lease_from_the_future_is_refused(
    director: FakeDirector, agent: Agent, enrollment: Enrollment
) -> None:
    strange = sealed_lease(enrollment) | {"target": {"server_type": "carrier_pigeon"}}
    async with at_work(agent):
        await director.give(strange)
        await director.until(lambda: strange["id"] in director.results)
    assert director.results[strange["id"]].failure_code is FailureCode.UNSUPPORTED_JOB


async def test_stopping_tells_the_director_first_and_hands_everything_back(
    director: FakeDirector, agent: Agent, enrollment: Enrollment, quiet: QuietServer
) -> None:
    given = sealed_lease(enrollment, port=quiet.port)
    async with at_work(agent) as running:
        await director.give(given)
        await director.until(lambda: director.updates[given["id"]])
        agent.stop()
        await running
    routes = [route for route, _body in director.calls]
    assert director.statuses[-2].draining
    assert director.statuses[-1].stopped
    assert routes[-3:] == ["status", "update", "status"]
    assert director.updates[given["id"]][-1].hand_back
    await director.until(lambda: not director.standing_polls)


async def test_the_director_may_ask_it_to_stop(director: FakeDirector, agent: Agent) -> None:
    async with at_work(agent) as running:
        await director.give(control="dance")
        await director.give(control="stop")
        await running
    assert director.statuses[-1].draining


@pytest.mark.parametrize(
    ("route", "control"), [("status", "pause"), ("rotate", "rotate_credential")], ids=["told", "rotated"]
)
async def test_what_it_is_refused_to_obey_ends_nothing(
    director: FakeDirector,
    agent: Agent,
    enrollment: Enrollment,
    quiet: QuietServer,
    caplog: pytest.LogCaptureFixture,
    route: str,
    control: str,
) -> None:
    given = sealed_lease(enrollment, port=quiet.port)
    async with at_work(agent):
        await director.until(lambda: director.statuses)
        await director.give(given)
        await director.until(lambda: director.updates[given["id"]] and director.standing_polls)
        director.answer_next(route, problem(403, "waf", "The proxy refuses this."))
        await director.give(control=control)
        await director.until(lambda: _tells_of(caplog, control) and director.standing_polls)
        assert not [update for update in director.updates[given["id"]] if update.hand_back]
        assert not quiet.left.is_set()
        await director.give(control=control)  # as the Director does when it does not see it done
        await director.until(lambda: len(director.statuses) > 1)
    assert "The proxy refuses this. (403 waf)" in caplog.text


async def test_a_state_that_cannot_be_written_ends_nothing(
    director: FakeDirector,
    agent: Agent,
    enrollment: Enrollment,
    state: State,
    caplog: pytest.LogCaptureFixture,
) -> None:
    given = sealed_lease(enrollment, port=free_ports(1)[0])
    shutil.rmtree(state.folder)
    state.folder.touch()
    async with at_work(agent):
        await director.give(control="rotate_credential")
        await director.until(lambda: _tells_of(caplog, "rotate_credential") and director.standing_polls)
        await director.give(given)
        await director.until(lambda: given["id"] in director.results)
    assert "can't be written" in caplog.text


async def test_a_revocation_while_it_obeys_ends_it(director: FakeDirector, agent: Agent) -> None:
    async with at_work(agent) as running:
        await director.until(lambda: director.statuses and director.standing_polls)
        director.answer_next("status", problem(401, "credential_revoked", "This Actor was revoked."))
        await director.give(control="pause")
        with pytest.raises(CredentialRefused):
            await running


def _tells_of(caplog: pytest.LogCaptureFixture, control: str) -> bool:
    return f"The Director asked for {control}, which failed" in caplog.text


async def test_it_works_through_an_outage(
    director: FakeDirector, agent: Agent, enrollment: Enrollment
) -> None:
    given = sealed_lease(enrollment, port=free_ports(1)[0])
    async with at_work(agent):
        await director.until(lambda: director.standing_polls)
        await director.stop()
        await director.start()
        await director.give(given)
        await director.until(lambda: given["id"] in director.results)


async def test_a_revocation_ends_it_and_drops_what_it_holds(
    director: FakeDirector, agent: Agent, enrollment: Enrollment, quiet: QuietServer
) -> None:
    given = sealed_lease(enrollment, port=quiet.port)
    async with at_work(agent) as running:
        await director.give(given)
        await director.until(lambda: director.updates[given["id"]] and director.standing_polls)
        await director.revoke_all()
        with pytest.raises(CredentialRefused):
            await running
    async with asyncio.timeout(20):
        await quiet.left.wait()
