"""What of Exchange Online is about tokens: a real Dovecot that asks whether Entra issued them, and for what."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import trustme

from sandbox.graph import entra
from sandbox.graph.tenant import Tenant
from tests.servers.dovecot import Dovecot
from tests.servers.folders import server_folder
from tests.servers.introspection import introspection


@dataclass
class Exchange:
    """It opens one mailbox at a time, `username`, to each app of `tenant` with a permission for IMAP.

    `audience` is its own name, for which a token must be.
    """

    tenant: Tenant
    username: str = ""
    audience: str = entra.EXCHANGE

    def opens(self, token: str) -> str | None:
        """Return whose mailbox `token` opens."""
        app = entra.app_of_token(self.tenant, token, self.audience)
        return self.username if app and "IMAP.AccessAsApp" in app.exchange_roles else None


@contextmanager
def mail_of(exchange: Exchange, ca: trustme.CA) -> Iterator[Dovecot]:
    """Serve its mailboxes."""
    with (
        introspection(exchange.opens) as url,
        server_folder() as folder,
        Dovecot(folder, ca, introspection_url=url) as dovecot,
    ):
        yield dovecot
