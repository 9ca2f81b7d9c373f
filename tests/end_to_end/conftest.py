"""A Director process that knows a real mail server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.gmail import Stage
from tests.end_to_end.processes import ActorProcess, DirectorProcess
from tests.servers.google.service import google_service
from tests.servers.mail_servers import MailServers
from tests.servers.mailbox import Mailbox
from tests.servers.ports import free_ports

MakeProfile = Callable[..., dict[str, Any]]


@pytest.fixture
def director(tmp_path: Path) -> Iterator[DirectorProcess]:
    """A Director that serves."""
    process = DirectorProcess(tmp_path, free_ports(1)[0])
    process.start()
    yield process
    process.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A Director and an Actor whose Google is the strict stand-in."""
    folder = tmp_path_factory.mktemp("gmail")
    with google_service(folder) as google:
        stage = Stage(folder, free_ports(1)[0], google)
        yield stage
        stage.director.close()


@pytest.fixture
def mailing_director(director: DirectorProcess, mail_servers: MailServers) -> DirectorProcess:
    """A Director that mails through Postfix, over verified TLS."""
    director.mail_through(mail_servers)
    return director


@pytest.fixture
def make_profile(director: DirectorProcess, mail_servers: MailServers) -> MakeProfile:
    """Make a profile of a mailbox on the real server, over implicit TLS unless a test says otherwise."""

    def make(
        mailbox: Mailbox, *actors: ActorProcess, encryption: str = "ssl_tls", **fields: Any
    ) -> dict[str, Any]:
        ports = mail_servers.dovecot.ports
        body = {
            "server_type": "imap",
            "email_address": mailbox.address,
            "actor_ids": director.actor_ids(*actors),
            "account": {"username": mailbox.username, "password": mailbox.password},
            "incoming": {
                "host": mail_servers.host,
                "port": ports.imaps if encryption == "ssl_tls" else ports.imap,
                "encryption": encryption,
            },
            "tls": {"ca_certificate": mail_servers.ca_pem},
            **fields,
        }
        return director.post("/email-profiles", body)

    return make
