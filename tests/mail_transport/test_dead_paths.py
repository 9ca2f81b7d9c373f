"""A path that drops every packet ends a look long before a slow server's minute is over."""

import asyncio
import ctypes
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme

from mail_transport.connecting import connect
from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.imap.session import Session
from mail_transport.journal import Journal
from mail_transport.limits import PATH_SECONDS, REPLY_SECONDS, SLOW_REPLY_SECONDS
from mail_transport.tls import handshake, unverified
from tests.servers import certificates
from tests.servers.debian import require
from tests.servers.hostile import Peer, hostile_server
from wire_contract.failure_codes import FailureCode

_FIRST = 4 * (os.getpid() % 60)  # a network of four addresses for each run at the same time
HERE, THERE = f"198.51.100.{_FIRST + 1}", f"198.51.100.{_FIRST + 2}"
_NETWORK_NAMESPACE = 0x40000000  # CLONE_NEWNET, setns(2)
_SHORT = 2


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@pytest.fixture
def machine() -> Iterator[str]:
    """Another machine, by a cable from here: the name of its network namespace."""
    require("iproute2")
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root: run as root, for example in a container")
    name, cable = f"path-{os.getpid()}", f"path{os.getpid()}"
    ip("netns", "add", name)
    try:
        ip("link", "add", cable, "type", "veth", "peer", "far", "netns", name)
        try:
            ip("addr", "add", f"{HERE}/30", "dev", cable)
            ip("link", "set", cable, "up")
            ip("-n", name, "addr", "add", f"{THERE}/30", "dev", "far")
            ip("-n", name, "link", "set", "far", "up")
            yield name
        finally:
            ip("link", "del", cable)  # by itself, since connections may keep the namespace for a while
    finally:
        ip("netns", "del", name)


def _listening(machine: str) -> socket.socket:
    """Listen on that machine; a thread that ends afterwards goes there, since a socket stays where it was made."""

    def there() -> socket.socket:
        with Path("/run/netns", machine).open("rb") as namespace:
            assert ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), _NETWORK_NAMESPACE) == 0
        return socket.create_server((THERE, 0))

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(there).result()


async def _silent(peer: Peer) -> None:
    await peer.until_closed()


@pytest.mark.parametrize(
    ("spoken", "secured"),
    [(True, False), (False, False), (True, True)],
    ids=["with a command", "while only listening", "with a command over TLS"],
)
async def test_a_path_that_died_is_noticed_whatever_is_waited_for(
    machine: str, ca: trustme.CA, spoken: bool, secured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail_transport.connecting.PATH_SECONDS", _SHORT)
    certificate = certificates.valid(ca) if secured else None
    async with hostile_server(_silent, certificate=certificate, listener=_listening(machine)) as server:
        channel = await connect(THERE, server.port, EgressPolicy.parse(THERE), Journal())
        if secured:
            await handshake(channel, unverified(), THERE)
        ip("-n", machine, "addr", "del", f"{THERE}/30", "dev", "far")  # it hears, and answers to nothing
        began, session = time.monotonic(), Session(channel)
        waiting = session.command(b"EXAMINE INBOX", seconds=SLOW_REPLY_SECONDS) if spoken else session.read()
        with pytest.raises(MailFailure) as raised:
            await asyncio.wait_for(waiting, SLOW_REPLY_SECONDS)
        channel.abort()
    assert raised.value.code is FailureCode.REPLY_TIMED_OUT
    assert raised.value.detail["error"] == "nothing reaches the server any more"
    assert time.monotonic() - began < 5 * _SHORT


async def test_a_server_that_is_only_slow_keeps_its_minute(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail_transport.connecting.PATH_SECONDS", _SHORT)

    async def slow(peer: Peer) -> None:
        tag, _ = await peer.command()
        await asyncio.sleep(3 * _SHORT)  # what a slow server is: nothing happens meanwhile
        await peer.send(tag + b" OK done")

    async with hostile_server(slow, listener=_listening(machine)) as server:
        channel = await connect(THERE, server.port, EgressPolicy.parse(THERE), Journal())
        assert (await Session(channel).command(b"EXAMINE INBOX", seconds=SLOW_REPLY_SECONDS)).is_ok
        channel.abort()


def test_a_dead_path_is_given_no_longer_than_an_ordinary_reply() -> None:
    assert PATH_SECONDS <= REPLY_SECONDS
