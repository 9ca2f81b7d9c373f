"""The Director's own mail by the Gmail API, against a stand-in as strict as the documentation."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from director_api.clock import new_id, utc_now
from director_api.mail_settings.schemas import GmailMailRead, Transport
from director_api.mail_settings.service import OutgoingMail
from director_api.outbox.clouds import Clouds
from director_api.outbox.failures import SendFailed
from director_api.outbox.mailer import Mailer
from director_api.outbox.message import verification_message
from director_api.way_out import WayOut
from sandbox.stand_in import Trouble
from tests.servers.google.answers import api_error
from tests.servers.google.project import ServiceAccount
from tests.servers.google.sending import SEND
from tests.servers.google.service import GoogleService, google_service
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import new_code, subject_for

SENDER, READER = "director@example.test", "alice@example.test"


@dataclass
class Google:
    """The stand-in, and the service account that sends."""

    service: GoogleService
    robot: ServiceAccount

    async def send(self, code: str = "", *, sender: str = SENDER, key_file: str | None = None) -> str:
        """Send a code to the reader and return Gmail's answer."""
        url, way = self.service.url, WayOut(ca_file=self.service.ca_file)
        mailer = Mailer(Clouds(gmail_root=url, google_token_url=f"{url}/token", way_out=way))
        settings = GmailMailRead(
            transport=Transport.GMAIL,
            from_address=sender,
            service_account_json={"set": True, "changed_at": utc_now()},
        )
        outgoing = OutgoingMail(settings, SecretStr(key_file or self.robot.key_file()))
        return await mailer.send(outgoing, verification_message(sender, READER, code or new_code(), new_id()))

    async def failure(self, **arguments: Any) -> SendFailed:
        """Try to send and return why it was not taken."""
        with pytest.raises(SendFailed) as raised:
            await self.send(**arguments)
        assert "PRIVATE KEY" not in raised.value.server_reply
        return raised.value


@pytest.fixture
def google(tmp_path: Path) -> Iterator[Google]:
    with google_service(tmp_path) as service:
        robot = ServiceAccount("sender@project.iam.example.test", delegated=frozenset({SEND}))
        service.project.add_service_account(robot)
        service.project.add_account(SENDER)
        service.project.add_account(READER)
        yield Google(service, robot)


async def test_a_code_arrives_with_the_scope_to_send_alone(google: Google) -> None:
    code = new_code()
    answer = await google.send(code)
    accounts = google.service.project.accounts
    (arrived,), (sent,) = accounts[READER].messages, accounts[SENDER].messages
    assert arrived.headers["Subject"] == subject_for(code)
    assert answer == f"200 {sent.id}"


async def test_a_delegation_without_the_scope_is_not_enough(google: Google) -> None:
    google.robot.delegated = frozenset({"https://www.googleapis.com/auth/gmail.readonly"})
    failure = await google.failure()
    assert (failure.code, failure.permanent) == (FailureCode.SEND_NOT_PERMITTED, True)
    assert failure.server_reply.startswith("gmail_delegation_missing: unauthorized_client")


async def test_a_key_that_google_does_not_know_is_refused(google: Google) -> None:
    failure = await google.failure(key_file=google.robot.key_file(RSAKey.generate_key(2048)))
    assert (failure.code, failure.cause) == (FailureCode.SEND_AUTH_FAILED, FailureCode.GMAIL_KEY_FILE_INVALID)
    assert failure.permanent


async def test_a_sender_that_is_no_account_or_has_no_gmail_is_told(google: Google) -> None:
    google.service.project.add_account("nolicence@example.test", has_gmail=False)
    for sender in ("nobody@example.test", "nolicence@example.test"):
        failure = await google.failure(sender=sender)
        assert (failure.code, failure.permanent) == (FailureCode.SEND_MAILBOX_MISSING, True)


async def test_an_api_that_is_not_enabled_is_told(google: Google) -> None:
    google.service.project.gmail_enabled = False
    failure = await google.failure()
    assert (failure.code, failure.cause) == (FailureCode.SEND_AUTH_FAILED, FailureCode.GMAIL_API_NOT_ENABLED)


async def test_a_message_that_gmail_does_not_take_is_rejected(google: Google) -> None:
    refusal = api_error(400, "invalidArgument", "Invalid To header")
    google.service.project.troubles.append(Trouble("/send", 400, json.dumps(refusal)))
    failure = await google.failure()
    assert (failure.code, failure.permanent) == (FailureCode.SEND_REJECTED, True)
    assert "Invalid To header" in failure.server_reply


@pytest.mark.parametrize("place", ["/token", "/send"])
async def test_what_passes_is_put_off_as_long_as_google_says(google: Google, place: str) -> None:
    google.service.project.troubles.append(Trouble(place, 429, "{}", {"Retry-After": "42"}))
    failure = await google.failure()
    assert (failure.code, failure.permanent, failure.retry_after) == (FailureCode.SEND_DEFERRED, False, 42.0)
    google.service.project.troubles.append(Trouble(place, 503, "away"))
    assert not (await google.failure()).permanent
