"""Directors on one database behind one address, their Actors, and mail servers that a test can disturb."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any

from director_api.vault import SecretKey
from tests.end_to_end.processes import BIN, READY, DirectorProcess, Process
from tests.faults.settled import mail_is_noted, settled
from tests.faults.shifted_clock import shifted
from tests.servers.dovecot import Dovecot
from tests.servers.mailbox import Mailbox
from tests.servers.ports import HOST, free_ports
from tests.servers.scripted_smtp import ACCEPTED, ScriptedSmtp, scripted_smtp
from tests.servers.tcp_proxy import TcpProxy, tcp_proxy

_BOUND = 90.0
LEASES_OVER_SECONDS = 95
"""Longer than a lease of a check (60 s) and of an outbox row (90 s)."""


class Cluster(DirectorProcess):
    """``url`` leads through a balancer to the Director that was started last.

    Time is passed by starting the next Director with its calendar ahead: ``later`` seconds in all.
    """

    def __init__(
        self, folder: Path, database_url: str, balancer: TcpProxy, smtp: ScriptedSmtp, dovecot: Dovecot
    ) -> None:
        self.database_url, self._keys = database_url, (SecretKey.generate(),)
        super().__init__(
            folder,
            balancer.port,
            {"DIRECTOR_DATABASE_URL": database_url, "DIRECTOR_SECRET_KEYS": self._keys[0].line()},
        )
        self.balancer, self.smtp, self.dovecot = balancer, smtp, dovecot
        self.imap = TcpProxy((HOST, dovecot.ports.imap))
        self.later = 0
        self.accepted: list[str] = []
        self._told = threading.Event()
        self.others: list[Process] = []
        self.urls: list[str] = []
        smtp.at_message = self.deliver

    def start(self) -> None:
        """Start a Director, to which the balancer leads from now on. One that runs goes on beside it."""
        if self.process is not None:
            self.others.append(self.process)
        (port,) = free_ports(1)
        environment = {**self.environment, "DIRECTOR_PORT": str(port), **shifted(self.later)}
        self.process = Process([str(BIN / "director"), "serve"], environment)
        self.process.wait_for(READY)
        self.balancer.target = (HOST, port)
        self.urls.append(f"http://{HOST}:{port}")

    def kill(self) -> None:
        """Kill the Director that was started last; its address answers nobody."""
        self.balancer.target = None
        super().kill()
        del self.urls[-1:]
        self.balancer.cut()

    def go_on_with_another(self) -> None:
        """Let the balancer lead to the Director that was started before."""
        self.process = self.others.pop()
        self.balancer.target = (HOST, int(self.urls[-1].rpartition(":")[2]))

    def forget_what_was(self) -> None:
        """Let the Actors begin anew: what they still report for the test before is not what is watched for."""
        for actor in self.actors:
            actor.kill()
            actor.start()

    def die(self) -> None:
        """Kill the Director from another thread, once whoever started a run has been told its id."""
        assert self._told.wait(_BOUND), "the run was never accepted"
        self.kill()

    def process_ended(self) -> None:
        """Wait until the Director is dead: a watch kills it in another thread."""
        self.until(lambda: self.process is None)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds; what happens in other processes sends no event here."""
        deadline = time.monotonic() + _BOUND
        while not holds():
            assert time.monotonic() < deadline, f"it never came to that:\n{self._said()}"
            time.sleep(0.02)

    def _said(self) -> str:
        """Return the last that each process said."""
        processes = [self.process, *self.others, *(actor.process for actor in self.actors)]
        return "".join(
            "".join([*process.lines[-12:], "--\n"]) for process in processes if process is not None
        )

    def restart(self, *, after_seconds: int = 0) -> None:
        """Kill every Director, and start one to which so much time has passed."""
        self.kill()
        for other in self.others:
            other.kill()
        self.others.clear()
        self.urls.clear()
        self.later += after_seconds
        self.balancer.watch_nothing()
        self.start()

    def close(self) -> None:
        """End everything."""
        for other in self.others:
            other.kill()
        super().close()
        self.imap.close()

    def deliver(self, message: Message) -> bytes:
        """Put what the mail server took into its mailbox."""
        box = Mailbox(str(message["To"]), "", "")
        self.dovecot.deliver(box, str(message["Subject"]))
        return ACCEPTED

    def new_profile(self, *actor_ids: str, **fields: Any) -> dict[str, Any]:
        """Make a profile of a new mailbox, read through the proxy."""
        box = self.dovecot.add_user()
        incoming = {"host": HOST, "port": self.imap.port, "encryption": "none"}
        body = {
            "server_type": "imap",
            "email_address": box.address,
            "actor_ids": list(actor_ids),
            "account": {"username": box.username, "password": box.password},
            "incoming": incoming,
        }
        return self.post("/email-profiles", {**body, **fields})

    def verify(self, profile: dict[str, Any]) -> dict[str, Any]:
        """Start a verification, and remember that it was accepted."""
        self._told.clear()
        run = super().verify(profile)
        self.accepted.append(run["id"])
        self._told.set()
        return run

    def assert_all_settled(self) -> None:
        """Everything that was ever accepted has ended as it must: see :func:`~tests.faults.settled.settled`."""
        self.until(lambda: asyncio.run(mail_is_noted(self.database_url)))
        asyncio.run(settled(self.database_url, self._keys, self.accepted, self.smtp.subjects))


def started(directors: Cluster) -> dict[str, Any]:
    """Start a verification of a new profile."""
    return directors.verify(directors.new_profile(*directors.actor_ids(*directors.actors)))


def verified(directors: Cluster, run: dict[str, Any]) -> dict[str, Any]:
    """Wait until the run ended Verified; return its check."""
    ended = directors.ended(run)
    assert ended["outcome"] == "verified", ended
    check: dict[str, Any] = ended["checks"][0]
    return check


def mailed(directors: Cluster, run: dict[str, Any]) -> None:
    """Wait until the run's message is noted as sent: an Actor may be faster than the Director's note."""
    path = f"/verifications/{run['id']}"
    directors.until(lambda: directors.get(path)["checks"][0]["mail"] == "sent")


@contextmanager
def cluster(
    folder: Path, database_url: str, dovecot: Dovecot, environment: Mapping[str, str] | None = None
) -> Iterator[Cluster]:
    """Give one Director that serves and mails."""
    with tcp_proxy() as balancer, scripted_smtp() as smtp:
        made = Cluster(folder, database_url, balancer, smtp, dovecot)
        made.environment |= environment or {}
        try:
            made.start()
            made.put("/settings/email", smtp.settings)
            yield made
        finally:
            made.close()
