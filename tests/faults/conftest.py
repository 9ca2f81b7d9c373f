"""A cluster on PostgreSQL for each file of tests, and one Actor in it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cluster import Cluster, cluster
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, dovecot: Dovecot
) -> Iterator[Cluster]:
    """Give a cluster with the Actor vm-1."""
    folder: Path = tmp_path_factory.mktemp("cluster")
    with cluster(folder, asyncio.run(postgres.new_database()), dovecot) as made:
        made.actor("vm-1")
        yield made


@pytest.fixture
def directors(running: Cluster) -> Iterator[Cluster]:
    """Give the cluster undisturbed, and hold all that it ever accepted against what is promised."""
    running.imap.watch_nothing()
    running.balancer.watch_nothing()
    running.smtp.at_message = running.deliver
    yield running
    running.assert_all_settled()
