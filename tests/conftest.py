"""Servers that many tests share. Each is started once, by the first test that asks for it."""

from collections.abc import Iterator

import pytest
import trustme

from tests.servers.dovecot import Dovecot
from tests.servers.folders import server_folder
from tests.servers.mail_servers import MailServers
from tests.servers.postfix import Postfix
from tests.servers.postgres import Postgres

pytest_plugins = ["tests.produced_codes"]


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    """The CA that signed the servers' certificates."""
    return trustme.CA()


@pytest.fixture(scope="session")
def dovecot(ca: trustme.CA) -> Iterator[Dovecot]:
    """IMAP, IMAPS, POP3, POP3S and LMTP."""
    with server_folder() as folder, Dovecot(folder, ca) as server:
        yield server


@pytest.fixture(scope="session")
def ntlm_dovecot(ca: trustme.CA) -> Iterator[Dovecot]:
    """The same with NTLM, where the password is `tests.servers.ntlm.PASSWORD` for everyone."""
    with server_folder() as folder, Dovecot(folder, ca, ntlm=True) as server:
        yield server


@pytest.fixture(scope="session")
def ntlm_postfix(ca: trustme.CA, ntlm_dovecot: Dovecot) -> Iterator[Postfix]:
    """Postfix that offers NTLM."""
    with server_folder() as folder, Postfix(folder, ca, ntlm_dovecot) as postfix:
        yield postfix


@pytest.fixture(scope="session")
def mail_servers(ca: trustme.CA, dovecot: Dovecot) -> Iterator[MailServers]:
    """Dovecot with Postfix in front of it: SMTP, submission and SMTPS."""
    with server_folder() as folder, Postfix(folder, ca, dovecot) as postfix:
        yield MailServers(dovecot, postfix)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that makes a database for each test that asks."""
    with server_folder() as folder, Postgres(folder, durable=False) as server:
        yield server
