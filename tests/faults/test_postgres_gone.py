"""PostgreSQL restarted, and gone for a while, in the middle of checks."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.cluster import Cluster, cluster, started, verified
from tests.servers.dovecot import Dovecot
from tests.servers.folders import server_folder
from tests.servers.postgres import Postgres

GONE_SECONDS = 30.0


@pytest.fixture
def server() -> Iterator[Postgres]:
    """Give a PostgreSQL that no other test needs."""
    with server_folder() as folder, Postgres(folder) as postgres:
        yield postgres


def test_gone_for_a_while_and_back(server: Postgres, tmp_path: Path, dovecot: Dovecot) -> None:
    url = asyncio.run(server.new_database())
    with cluster(tmp_path, url, dovecot) as directors:
        directors.actor("vm-1")
        directors.imap.flowing.clear()
        run = started(directors)
        directors.until(lambda: state_of(directors, run["id"]) == "leased")
        server.stop()
        directors.imap.flowing.set()
        refused(directors, run["profile_id"])
        time.sleep(GONE_SECONDS)  # the length of the absence is what the test is about
        server.start()
        verified(directors, run)
        verified(directors, started(directors))
        directors.assert_all_settled()


def state_of(directors: Cluster, run_id: str) -> str:
    state: str = directors.get(f"/verifications/{run_id}")["checks"][0]["state"]
    return state


def refused(directors: Cluster, profile_id: str) -> None:
    """While the database is away nothing is accepted, and the caller is told so."""
    answer: httpx.Response = directors.api.post(f"/email-profiles/{profile_id}/verify")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert directors.api.get("/health/live").status_code == 200
    assert directors.api.get("/health/ready").status_code == 503
