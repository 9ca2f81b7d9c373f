"""A name server on loopback that knows what a test tells it."""

import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import dns.exception
import dns.message
import dns.query

from tests.servers.debian import require
from tests.servers.ports import HOST, free_ports

_START_SECONDS = 20.0


class Dnsmasq:
    """A running dnsmasq, which answers from ``options`` alone; leaving the `with` block stops it."""

    def __init__(self, folder: Path, *options: str) -> None:
        require("dnsmasq-base")
        (self.port,) = free_ports(1)
        self._process = subprocess.Popen(
            [
                "/usr/sbin/dnsmasq",
                *("--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null"),
                *(f"--listen-address={HOST}", "--bind-interfaces", f"--port={self.port}"),
                *("--local=/test/", "--user=root", f"--pid-file={folder / 'dnsmasq.pid'}", *options),
            ],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)

    def _wait(self) -> None:
        question = dns.message.make_query("ready.test", "A")
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                dns.query.udp(question, HOST, timeout=0.2, port=self.port)
            except (dns.exception.Timeout, OSError):
                time.sleep(0.02)  # the kernel offers no event for "another process listens now"
            else:
                return
        raise RuntimeError(f"dnsmasq never answered on port {self.port}")
