"""Two interfaces on one subnet, in network namespaces of their own: what is reported and what was really used."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.produced_codes import ProducedCodes
from tests.servers.debian import require
from wire_contract.failure_codes import FailureCode

ACTOR = Path(sys.executable).with_name("actor")
SERVER = """
import socket
with socket.create_server(("192.0.2.1", 2143)) as listener:
    print("listening", flush=True)
    peer, _ = listener.accept()
    peer.sendall(b"* OK ready\\r\\n")
    peer.makefile("rb").readline()
    peer.sendall(b"* CAPABILITY IMAP4rev1\\r\\nA1 OK done\\r\\n")
"""

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="network namespaces need root: run as root, for example in a container"
)


def ip(*arguments: str) -> None:
    """Run ``ip``."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@pytest.fixture
def namespaces() -> Iterator[tuple[str, str]]:
    """An Actor's machine with two leased addresses on the subnet of a server's machine."""
    require("iproute2")
    actor, server = f"actor-{os.getpid()}", f"server-{os.getpid()}"
    ip("netns", "add", actor)
    ip("netns", "add", server)
    try:
        ip("-n", server, "link", "add", "bridge", "type", "bridge")
        ip("-n", server, "addr", "add", "192.0.2.1/24", "dev", "bridge")
        ip("-n", server, "link", "set", "bridge", "up")
        for number in (7, 8):
            ends = f"eth{number}", f"port{number}"
            ip("-n", actor, "link", "add", ends[0], "type", "veth", "peer", ends[1], "netns", server)
            ip("-n", server, "link", "set", ends[1], "master", "bridge", "up")
            leased = ("valid_lft", "3600", "preferred_lft", "3600")
            ip("-n", actor, "addr", "add", f"192.0.2.{number}/24", "dev", ends[0], *leased)
            ip("-n", actor, "link", "set", ends[0], "up")
        yield actor, server
    finally:
        ip("netns", "del", actor)
        ip("netns", "del", server)


def test_the_overlap_is_warned_of_and_the_interface_that_was_used_is_shown(
    namespaces: tuple[str, str], produced_codes: ProducedCodes
) -> None:
    actor, server = namespaces
    listening = subprocess.Popen(
        ["ip", "netns", "exec", server, sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True
    )
    try:
        assert listening.stdout is not None
        assert listening.stdout.readline() == "listening\n"
        ended = subprocess.run(
            ["ip", "netns", "exec", actor, ACTOR, "probe", "imap://192.0.2.1:2143", "--json"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        listening.kill()
        listening.communicate()
    shown = json.loads(ended.stdout)
    warned = {warning["code"]: warning["detail"] for warning in shown["warnings"]}
    assert warned == {"actor_interfaces_overlap": "eth7 and eth8 on 192.0.2.0/24"}
    produced_codes.add(FailureCode.ACTOR_INTERFACES_OVERLAP)
    connect = next(step for step in shown["steps"] if step["step"] == "connect")["detail"]
    assert connect["remote"] == "192.0.2.1:2143"
    assert (connect["local"].split(":")[0], connect["interface"]) in {
        ("192.0.2.7", "eth7"),
        ("192.0.2.8", "eth8"),
    }
