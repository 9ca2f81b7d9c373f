"""An Actor that waits for work: what it says is the contract's, and what it has loaded is little."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from typing import Any

import pytest
from pydantic import BaseModel

from actor_agent.state import Enrollment, State
from actor_agent.waiting import Interface, Poll, Status
from tests.actor_agent.director import FakeDirector
from wire_contract import enrollment as contract
from wire_contract.jobs import LeaseRequest

_ETH0 = Interface("eth0", ("192.0.2.7/24", "fe80::1/64"), dhcp=True, default_route=True)
_RUN = "import json, sys; from actor_agent.cli import main; main(['run']); print(json.dumps(sorted(sys.modules)))"


@pytest.mark.parametrize(
    ("said", "model"),
    [
        (Poll(capacity=4, wait_seconds=60.0), LeaseRequest),
        (_ETH0, contract.Interface),
        (
            Status(
                version="0.1.0",
                capabilities=("check", "imap"),
                interfaces=(_ETH0,),
                addresses=("192.0.2.7",),
                draining=True,
                stopped=True,
                paused=True,
                poll_seconds=30.0,
            ),
            contract.ActorStatus,
        ),
    ],
)
def test_what_a_waiting_actor_says_is_what_the_contract_has(
    said: Poll | Interface | Status, model: type[BaseModel]
) -> None:
    assert list(said._fields) == [*model.model_fields]
    sent = json.dumps(said.as_json() if isinstance(said, Status) else said._asdict())
    assert json.loads(model.model_validate_json(sent).model_dump_json()) == json.loads(sent)


@pytest.mark.parametrize(
    ("least", "model"),
    [(Interface("lo"), contract.Interface), (Status(version="1"), contract.ActorStatus)],
)
def test_what_it_leaves_out_is_what_the_contract_takes_for_it(
    least: Interface | Status, model: type[BaseModel]
) -> None:
    required: dict[str, Any] = {
        name: getattr(least, name) for name, field in model.model_fields.items() if field.is_required()
    }
    assert least._asdict() == model(**required).model_dump()


async def test_a_poll_that_stands_has_loaded_nothing_that_only_work_needs(
    director: FakeDirector, state: State, enrollment: Enrollment
) -> None:
    del enrollment  # it is in the state folder
    loaded = await _loaded_after_a_poll(director, state)
    assert "actor_agent.poll_loop" in loaded
    heavy = (
        "pydantic",
        "httpx",
        "http.client",
        "cryptography",
        "joserfc",
        "msal",
        "google.auth",
        "requests",
        "spnego",
        "dns",
        "actor_agent.mail",
        "actor_agent.job_factory",
        "actor_agent.probe",
        "actor_agent.autoconfig",
        "mail_transport.channel",
        "wire_contract.jobs",
    )
    assert [module for module in loaded if module.startswith(heavy)] == []


async def _loaded_after_a_poll(director: FakeDirector, state: State) -> list[str]:
    """Return the modules of an Actor that polled, told what it is, and was ended by a signal."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ACTOR_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _RUN,
        env=clean | {"ACTOR_STATE_DIR": str(state.folder)},
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        await director.until(lambda: director.standing_polls and director.statuses)
        process.send_signal(signal.SIGTERM)
        out, log = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, log.decode()
    loaded: list[str] = json.loads(out)
    return loaded
