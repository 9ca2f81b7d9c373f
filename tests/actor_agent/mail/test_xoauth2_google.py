"""Logging in by tokens of a consent: a real Dovecot, and Google's sign-in as strict as documented."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import trustme
from pydantic import SecretStr

from actor_agent.mail import CloudEndpoints, Reach
from tests.actor_agent.mail.looking import HERE, Look, wanted
from tests.actor_agent.mail.test_xoauth2 import PROTOCOLS, target_at
from tests.servers.dovecot import Dovecot
from tests.servers.folders import server_folder
from tests.servers.google.project import FULL, METADATA, Client
from tests.servers.google.service import GoogleService, google_service
from tests.servers.introspection import introspection
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import OAuthApp, OAuthProvider, RefreshTokenCredentials
from wire_contract.verification_code import new_code, subject_for

CLIENT = Client("1234.apps.googleusercontent.test", "GOCSPX-of-the-stand-in")


@dataclass
class Google:
    """The stand-in for Google, and a mail server that asks it whose tokens are good."""

    service: GoogleService
    dovecot: Dovecot

    def look(self, protocol: str, name: str, refresh_token: str, code: str | None = None) -> Look:
        """A look that is to be run."""
        credentials = RefreshTokenCredentials(
            username=name, client_secret=SecretStr(CLIENT.secret), refresh_token=SecretStr(refresh_token)
        )
        oauth = OAuthApp(provider=OAuthProvider.GOOGLE, client_id=CLIENT.id)
        clouds = CloudEndpoints(google_token_url=f"{self.service.url}/token")
        reach = Reach(HERE, clouds, self.service.ca_file)
        target = target_at(self.dovecot, protocol, oauth)
        return Look(target, credentials, wanted(code) if code else None, reach=reach)


@pytest.fixture(scope="module")
def google(ca: trustme.CA) -> Iterator[Google]:
    with server_folder() as folder, google_service(folder) as service:
        service.project.add_client(CLIENT)

        def opens(token: str) -> str | None:
            grant = service.project.access.get(token)
            return grant.address if grant and FULL in grant.scopes else None

        with (
            introspection(opens) as url,
            server_folder() as home,
            Dovecot(home, ca, introspection_url=url) as dovecot,
        ):
            yield Google(service, dovecot)


@PROTOCOLS
async def test_a_code_is_read_with_a_token_of_the_owners_consent(google: Google, protocol: str) -> None:
    mailbox, code = google.dovecot.add_user(), new_code()
    google.dovecot.deliver(mailbox, subject_for(code))
    consent = google.service.project.consent(CLIENT, mailbox.username, FULL)
    look = google.look(protocol, mailbox.username, consent, code)
    assert (await look.found()).codes == (code,)
    token = look.step(StepName.AUTHENTICATE).detail["token"]
    assert token == {
        "provider": "google",
        "client_id": CLIENT.id,
        "host": f"{google.service.url}/token",
        "scope": FULL,
    }
    shown = repr((look.journal.steps, look.journal.transcript))
    assert not any(secret in shown for secret in (CLIENT.secret, consent, *google.service.project.access))


async def test_a_consent_that_goes_beyond_mail_is_warned_of(google: Google) -> None:
    mailbox, contacts = google.dovecot.add_user(), "https://www.googleapis.com/auth/contacts"
    consent = google.service.project.consent(CLIENT, mailbox.username, FULL, METADATA, contacts)
    look = google.look("imap", mailbox.username, consent)
    await look.run()
    assert [(each.code, each.detail) for each in look.journal.warnings if each.code.startswith("gmail")] == [
        (FailureCode.GMAIL_EXCESS_PERMISSION, contacts)
    ]


@PROTOCOLS
async def test_another_accounts_consent_opens_nothing(google: Google, protocol: str) -> None:
    mailbox, other = google.dovecot.add_user(), google.dovecot.add_user()
    consent = google.service.project.consent(CLIENT, other.username, FULL)
    look = google.look(protocol, mailbox.username, consent)
    assert await look.failure() is FailureCode.AUTH_TOKEN_REFUSED


async def test_a_consent_for_the_gmail_api_alone_is_not_enough(google: Google) -> None:
    mailbox = google.dovecot.add_user()
    consent = google.service.project.consent(CLIENT, mailbox.username, METADATA)
    look = google.look("imap", mailbox.username, consent)
    assert await look.failure() is FailureCode.GMAIL_CONSENT_INSUFFICIENT


async def test_a_consent_that_was_revoked_asks_for_a_new_one(google: Google) -> None:
    mailbox = google.dovecot.add_user()
    look = google.look("imap", mailbox.username, "1//revoked")
    assert await look.failure() is FailureCode.GMAIL_CONSENT_REVOKED
    assert "connect" in look.step_names
    assert "greeting" not in look.step_names
