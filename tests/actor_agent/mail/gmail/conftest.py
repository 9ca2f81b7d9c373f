"""Google's emulator and the strict stand-in for Google, and looks into their mailboxes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from actor_agent.mail import CloudEndpoints, Reach, SearchWindow, Wanted
from tests.actor_agent.mail.gmail.standing_in import PERSON, ROBOT, Google
from tests.actor_agent.mail.looking import HERE, Look, closed_window
from tests.servers.folders import server_folder
from tests.servers.google.project import Client, ServiceAccount
from tests.servers.google.service import google_service
from tests.servers.google_emulator import CLIENT, OWNER, SECRET, GoogleEmulator
from wire_contract.jobs import GmailScope, GmailTarget, RefreshTokenCredentials

METADATA = "https://www.googleapis.com/auth/gmail.metadata"


@dataclass
class Gmail:
    """The emulator as the tests use it."""

    emulator: GoogleEmulator

    @property
    def reach(self) -> Reach:
        """An Actor's settings that lead to the emulator."""
        clouds = CloudEndpoints(gmail_root=self.emulator.url, google_token_url=self.emulator.token_url)
        return Reach(HERE, clouds)

    def look(
        self,
        wanted: Wanted | None = None,
        *,
        token: str | None = None,
        secret: str = SECRET,
        client: str = CLIENT,
        scope: GmailScope = GmailScope.METADATA,
        delete: bool = False,
        window: SearchWindow | None = None,
    ) -> Look:
        """A look that is to be run."""
        target = GmailTarget(
            server_type="gmail",
            client_id=client,
            scope=scope,
            mailbox=OWNER,
            delete_verification_message=delete,
        )
        consented = token or self.emulator.consent(f"https://www.googleapis.com/auth/gmail.{scope}")
        credentials = RefreshTokenCredentials(
            client_secret=SecretStr(secret), refresh_token=SecretStr(consented)
        )
        return Look(target, credentials, wanted, window or closed_window(), reach=self.reach)


@pytest.fixture(scope="module")
def gmail() -> Iterator[Gmail]:
    with server_folder() as folder, GoogleEmulator(folder) as emulator:
        yield Gmail(emulator)


@pytest.fixture(scope="session")
def robot() -> ServiceAccount:
    """Made once: its key takes a while."""
    return ServiceAccount(ROBOT)


@pytest.fixture
def google(tmp_path: Path, robot: ServiceAccount) -> Iterator[Google]:
    with google_service(tmp_path) as service:
        project = service.project
        account = project.add_account(PERSON)
        client = project.add_client(Client("app.example.test", "GOCSPX-of-the-stand-in-alone"))
        yield Google(service, account, client, project.add_service_account(robot))
