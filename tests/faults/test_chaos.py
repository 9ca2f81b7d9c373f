"""A brief chaos, each time another; its seed is shown, so that it can be had again."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.chaos import chaos
from tests.servers.dovecot import Dovecot
from tests.servers.folders import server_folder
from tests.servers.postgres import Postgres

SECONDS = 8.0


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """Give a PostgreSQL that may be stopped."""
    with server_folder() as folder, Postgres(folder) as postgres:
        yield postgres


def test_whatever_happens_each_check_ends_once(
    tmp_path: Path, own_postgres: Postgres, dovecot: Dovecot, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    with capsys.disabled():
        print(f"\nchaos: make chaos SECONDS={SECONDS:.0f} SEED={seed}")  # noqa: T201  # because a seed must be seen
    assert chaos(tmp_path, own_postgres, dovecot, seed=seed, seconds=SECONDS)
