"""A stand-in for Entra and Graph, and looks into its mailboxes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from actor_agent.mail import CloudEndpoints, Reach, SearchWindow, Wanted
from sandbox.graph.service import make_app
from sandbox.graph.tenant import App, Mailbox, Tenant
from sandbox.stand_in import served
from tests.actor_agent.mail.looking import HERE, Look, closed_window
from tests.servers import certificates
from wire_contract.jobs import ClientSecretCredentials, GraphTarget

CLIENT = "99999999-8888-7777-6666-555555555555"
SECRET = "vEry~Secret.Value_of-the-app"  # because only the stand-in takes it
PERSON = "alex@contoso.test"


@dataclass
class Microsoft:
    """The stand-in as the tests use it."""

    url: str
    tenant: Tenant
    app: App
    mailbox: Mailbox
    ca_file: Path

    @property
    def reach(self) -> Reach:
        """An Actor's settings that lead to the stand-in."""
        return Reach(HERE, CloudEndpoints(graph_root=self.url, graph_authority=self.url), self.ca_file)

    def look(
        self,
        wanted: Wanted | None = None,
        *,
        secret: str = SECRET,
        mailbox: str = PERSON,
        client: str = CLIENT,
        tenant: str | None = None,
        delete: bool = False,
        window: SearchWindow | None = None,
    ) -> Look:
        """A look that is to be run."""
        target = GraphTarget(
            server_type="microsoft_graph",
            tenant_id=tenant or self.tenant.id,
            client_id=client,
            mailbox=mailbox,
            delete_verification_message=delete,
        )
        credentials = ClientSecretCredentials(client_secret=SecretStr(secret))
        return Look(target, credentials, wanted, window or closed_window(), reach=self.reach)


@pytest.fixture
async def microsoft(tmp_path: Path) -> AsyncIterator[Microsoft]:
    ca = trustme.CA()
    chain, key = certificates.valid(ca).write(tmp_path)
    ca_file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(ca_file)
    tenant = Tenant()
    app = tenant.add_app(App(CLIENT, SECRET))
    mailbox = tenant.add_mailbox(PERSON)
    async with served(make_app(tenant), chain, key) as url:
        yield Microsoft(url, tenant, app, mailbox, ca_file)
