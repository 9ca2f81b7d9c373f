"""The strict stand-in for Google as the tests of looks use it."""

from dataclasses import dataclass

from pydantic import SecretStr

from actor_agent.mail import CloudEndpoints, Reach, SearchWindow, Wanted
from tests.actor_agent.mail.looking import HERE, Look, closed_window
from tests.servers.google.project import GMAIL, Account, Client, Project, ServiceAccount
from tests.servers.google.service import GoogleService
from wire_contract.jobs import GmailScope, GmailTarget, RefreshTokenCredentials, ServiceAccountCredentials

PERSON = "alice@example.test"
ROBOT = "reader@project.iam.example.test"


@dataclass
class Google:
    """The stand-in, its one mailbox, and the app and the service account that may read it."""

    service: GoogleService
    account: Account
    client: Client
    robot: ServiceAccount

    @property
    def project(self) -> Project:
        return self.service.project

    def reach(self) -> Reach:
        """An Actor's settings that lead to the stand-in."""
        clouds = CloudEndpoints(gmail_root=self.service.url, google_token_url=f"{self.service.url}/token")
        return Reach(HERE, clouds, self.service.ca_file)

    def look(
        self,
        wanted: Wanted | None = None,
        *,
        token: str | None = None,
        secret: str | None = None,
        client_id: str | None = None,
        scope: GmailScope = GmailScope.METADATA,
        window: SearchWindow | None = None,
    ) -> Look:
        """A look by the owner's consent that is to be run."""
        consented = token or self.project.consent(self.client, PERSON, f"{GMAIL}{scope}")
        credentials = RefreshTokenCredentials(
            client_secret=SecretStr(secret or self.client.secret), refresh_token=SecretStr(consented)
        )
        target = _target(client_id or self.client.id, PERSON, scope)
        return Look(target, credentials, wanted, window or closed_window(), reach=self.reach())

    def look_by_service_account(
        self,
        wanted: Wanted | None = None,
        *,
        key_file: str | None = None,
        mailbox: str = PERSON,
        scope: GmailScope = GmailScope.METADATA,
        window: SearchWindow | None = None,
    ) -> Look:
        """A look by delegation that is to be run."""
        credentials = ServiceAccountCredentials(
            service_account_json=SecretStr(key_file or self.robot.key_file())
        )
        target = _target(None, mailbox, scope)
        return Look(target, credentials, wanted, window or closed_window(), reach=self.reach())


def _target(client_id: str | None, mailbox: str, scope: GmailScope) -> GmailTarget:
    return GmailTarget(server_type="gmail", client_id=client_id, scope=scope, mailbox=mailbox)


def open_window(seconds: float = 60.0) -> SearchWindow:
    """A window that closes in a while."""
    window = SearchWindow()
    window.close_after(seconds)
    return window
