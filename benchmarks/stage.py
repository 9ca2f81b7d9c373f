"""What several benchmarks need: real mail servers, a Director and Actors as processes, profiles."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from tests.end_to_end.processes import ActorProcess, DirectorProcess
from tests.servers.dovecot import Dovecot
from tests.servers.folders import server_folder
from tests.servers.mail_servers import MailServers
from tests.servers.mailbox import Mailbox
from tests.servers.ports import free_ports
from tests.servers.postfix import Postfix


@dataclass(frozen=True)
class Stage:
    """Dovecot behind Postfix, and a Director on SQLite that mails through them."""

    servers: MailServers
    director: DirectorProcess

    def profile(self, mailbox: Mailbox, actor: ActorProcess, server_type: str = "imap") -> dict[str, Any]:
        """Make a profile of ``mailbox`` over implicit TLS."""
        ports = self.servers.dovecot.ports
        incoming = {
            "host": self.servers.host,
            "port": ports.imaps if server_type == "imap" else ports.pop3s,
            "encryption": "ssl_tls",
        }
        return self.director.post(
            "/email-profiles",
            {
                "server_type": server_type,
                "email_address": mailbox.address,
                "actor_ids": self.director.actor_ids(actor),
                "account": {"username": mailbox.username, "password": mailbox.password},
                "incoming": incoming,
                "tls": {"ca_certificate": self.servers.ca_pem},
            },
        )

    async def verified_in(self, profile: dict[str, Any]) -> float:
        """Return the seconds from `verify` to the end of the verification, which must be Verified."""
        return await asyncio.to_thread(self._verified_in, profile)

    def _verified_in(self, profile: dict[str, Any]) -> float:
        began = time.perf_counter()
        run = self.director.ended(self.director.verify(profile))
        seconds = time.perf_counter() - began
        if run["outcome"] != "verified":
            raise RuntimeError(f"the verification ended otherwise: {run}")
        return seconds


@contextmanager
def stage(*, mail_format: str = "maildir") -> Iterator[Stage]:
    """Start the servers and a Director; everything is gone afterwards."""
    ca = trustme.CA()
    with (
        server_folder() as dovecot_folder,
        server_folder() as postfix_folder,
        server_folder() as director_folder,
        Dovecot(dovecot_folder, ca, mail_format=mail_format) as dovecot,
        Postfix(postfix_folder, ca, dovecot) as postfix,
    ):
        director = _mailing_director(director_folder, MailServers(dovecot, postfix))
        try:
            yield Stage(MailServers(dovecot, postfix), director)
        finally:
            director.close()


def _mailing_director(folder: Path, servers: MailServers) -> DirectorProcess:
    director = DirectorProcess(folder, free_ports(1)[0])
    director.start()
    director.mail_through(servers)
    return director
