"""A name server on loopback that knows what a test tells it."""

from pathlib import Path
from types import TracebackType
from typing import Self

import dns.exception
import dns.message
import dns.query

from tests.servers.daemon import Daemon
from tests.servers.debian import require
from tests.servers.ports import HOST, free_ports

_READY = dns.message.make_query("ready.test", "A")


class Dnsmasq:
    """A running dnsmasq, which answers from ``options`` alone; leaving the `with` block stops it."""

    def __init__(self, folder: Path, *options: str) -> None:
        require("dnsmasq-base")
        (self.port,) = free_ports(1)
        self._daemon = Daemon(
            [
                "/usr/sbin/dnsmasq",
                *("--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null"),
                *(f"--listen-address={HOST}", "--bind-interfaces", f"--port={self.port}"),
                *("--local=/test/", "--user=root", f"--pid-file={folder / 'dnsmasq.pid'}", *options),
            ],
            log=folder / "dnsmasq.log",
        )
        self._daemon.wait_until(self._answers, f"answered on port {self.port}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._daemon.stop()

    def _answers(self) -> bool:
        try:
            dns.query.udp(_READY, HOST, timeout=0.2, port=self.port)
        except (dns.exception.Timeout, OSError):
            return False
        return True
