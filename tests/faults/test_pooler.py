"""Two Directors behind a connection pooler in transaction mode: any of them does everything."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.cluster import Cluster, cluster, verified
from tests.servers.dovecot import Dovecot
from tests.servers.folders import server_folder
from tests.servers.pgbouncer import pgbouncer
from tests.servers.postgres import Postgres

PROFILES = 4
AT_ONCE_SECONDS = 10.0
"""Below the 15 s of the slow poll, so that only a notification can have been so fast."""


@pytest.fixture
def pooled(postgres: Postgres, tmp_path: Path, dovecot: Dovecot) -> Iterator[Cluster]:
    """Give two Directors that reach PostgreSQL through a pooler, and listen apart from it."""
    direct = asyncio.run(postgres.new_database())
    with server_folder() as folder, pgbouncer(folder, direct) as through:
        environment = {"DIRECTOR_DATABASE_URL": through, "DIRECTOR_LISTEN_URL": direct}
        with cluster(tmp_path, direct, dovecot, environment) as made:
            made.start()
            yield made


def test_what_one_accepts_the_other_gives_out(pooled: Cluster) -> None:
    actor = pooled.actor("vm-1")
    profiles = [pooled.new_profile(*pooled.actor_ids(actor)) for _ in range(PROFILES)]
    pooled.until(lambda: bool(pooled.get("/actors")["items"][0]["online"]))
    for run in [verify_at(pooled, number, profile) for number, profile in enumerate(profiles)]:
        ended = pooled.get(f"/verifications/{run['id']}", wait=AT_ONCE_SECONDS)
        assert ended["outcome"] == "verified", ended
    pooled.kill()
    pooled.go_on_with_another()
    verified(pooled, pooled.verify(profiles[0]))
    pooled.assert_all_settled()


def verify_at(pooled: Cluster, number: int, profile: dict[str, Any]) -> dict[str, Any]:
    """Verify at one Director and the other by turns; the Actor polls at the last."""
    url = pooled.urls[number % 2]
    headers = {"Authorization": pooled.api.headers["Authorization"]}
    answer = httpx.post(f"{url}/email-profiles/{profile['id']}/verify", headers=headers, timeout=30)
    assert answer.status_code == 202, answer.text
    run: dict[str, Any] = answer.json()
    pooled.accepted.append(run["id"])
    return run
