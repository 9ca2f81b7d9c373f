"""The lease protocol does what its model does, whatever comes in whatever order."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.director_api.model.machine import LeaseProtocol
from tests.director_api.model.services import services
from tests.servers.postgres import Postgres

_EXAMPLES = {"sqlite": 25, "postgresql": 8}
_STEPS = 40


@pytest.mark.parametrize("kind", _EXAMPLES)
def test_the_lease_protocol_keeps_to_its_model(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'director.db'}"
    if kind == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = asyncio.run(postgres.new_database())
    with services(url) as given:

        class Machine(LeaseProtocol):
            services = given

        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=_EXAMPLES[kind],
                stateful_step_count=_STEPS,
                deadline=None,
                print_blob=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
