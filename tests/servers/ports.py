"""Free loopback ports for servers that want a number in their configuration."""

import random
import socket

HOST = "127.0.0.1"

# Below the kernel's ephemeral range (32768 and up), so that no outgoing connection
# takes a port between the moment it was found free and the moment the server binds it.
_CANDIDATES = range(20_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that nothing on 127.0.0.1 listens on."""
    shuffled = random.sample(_CANDIDATES, len(_CANDIDATES))
    found: list[int] = []
    for port in shuffled:
        if len(found) == count:
            break
        if _is_free(port):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
