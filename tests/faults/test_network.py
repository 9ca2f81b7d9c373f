"""Actors behind a bad network, and with a wrong clock."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.end_to_end.processes import BIN, ActorProcess, Process
from tests.faults.cluster import Cluster, started, verified
from tests.faults.shifted_clock import shifted
from tests.servers.ports import HOST
from tests.servers.tcp_proxy import tcp_proxy

HERE, THERE = "203.0.113.1", "203.0.113.2"
HOUR = 3600


def test_actors_whose_clock_is_wrong_by_an_hour(directors: Cluster) -> None:
    actors = [
        directors.actor("vm-fast", environment=shifted(HOUR)),
        directors.actor("vm-slow", environment=shifted(-HOUR)),
    ]
    run = directors.verify(directors.new_profile(*directors.actor_ids(*actors)))
    ended = directors.ended(run)
    assert ended["outcome"] == "verified", ended
    assert [check["attempts"] for check in ended["checks"]] == [0, 0]
    for actor in actors:
        actor.kill()
        directors.actors.remove(actor)  # or the next test would wait for it


def test_half_open_connections_to_the_director(directors: Cluster) -> None:
    """The result goes out and nobody hears of it; the Actor gives up and asks again, then both arrive."""
    silent = directors.balancer

    def watch(data: bytes) -> bool:
        if b"/result" in data:
            silent.watch_nothing()
            silent.flowing.clear()
        return True

    silent.from_client = watch
    run = started(directors)
    directors.until(lambda: not silent.flowing.is_set())
    assert directors.actors[0].process is not None
    directors.actors[0].process.wait_for("answer got lost")
    silent.flowing.set()
    assert verified(directors, run)["attempts"] == 0


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


@contextmanager
def namespace(name: str) -> Iterator[str]:
    """Make a network of its own, joined to this one by one cable; return this end's name."""
    cable = f"{name}c"
    ip("netns", "add", name)
    try:
        ip("link", "add", cable, "type", "veth", "peer", "far", "netns", name)
        ip("addr", "add", f"{HERE}/30", "dev", cable)
        ip("link", "set", cable, "up")
        for setting in (["addr", "add", f"{THERE}/30", "dev", "far"], ["link", "set", "far", "up"]):
            ip("-n", name, *setting)
        yield cable
    finally:
        ip("netns", "del", name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a network namespace: run the tests as root")
def test_the_network_between_actor_and_director_is_cut(directors: Cluster) -> None:
    name = f"f{os.getpid()}"
    with (
        namespace(name) as cable,
        tcp_proxy((HOST, directors.balancer.port), host=HERE) as to_director,
        tcp_proxy((HOST, directors.dovecot.ports.imap), host=HERE) as to_mailbox,
    ):
        actor = isolated(directors, name, to_director.port)
        cut: list[bool] = []

        def watch(data: bytes) -> bool:
            if b"EXAMINE" in data and not cut:
                cut.append(True)
                ip("link", "set", cable, "down")
            return True

        to_mailbox.from_client = watch
        incoming = {"host": HERE, "port": to_mailbox.port, "encryption": "none"}
        profile = directors.new_profile(*directors.actor_ids(actor), incoming=incoming)
        run = directors.verify(profile)
        directors.until(lambda: bool(cut))
        directors.until(lambda: mail_of(directors, run) == "sent")
        ip("link", "set", cable, "up")
        assert verified(directors, run)["attempts"] == 0
        actor.kill()


def mail_of(directors: Cluster, run: dict[str, Any]) -> str:
    mail: str = directors.get(f"/verifications/{run['id']}")["checks"][0]["mail"]
    return mail


def isolated(directors: Cluster, name: str, port: int) -> ActorProcess:
    """Enroll an Actor, and start it in the network ``name``, from where it sees its Director at ``HERE``."""
    actor = directors.actor(f"vm-{name}", started=False)
    actor.environment |= {"ACTOR_DIRECTOR_URL": f"http://{HERE}:{port}", "ACTOR_EGRESS_ALLOW": HERE}
    actor.process = Process(["ip", "netns", "exec", name, str(BIN / "actor"), "run"], actor.environment)
    return actor
