"""No secret is heard at any level of any library's log, nor shown by a step, whatever Google answers."""

import json
import logging
from collections.abc import Callable, Iterator

import pytest

from mail_transport.failures import MailFailure
from sandbox.stand_in import Trouble
from tests.actor_agent.mail.gmail.standing_in import Google
from tests.actor_agent.mail.looking import Look, wanted
from tests.servers.google.answers import tokenless
from wire_contract.verification_code import new_code, subject_for

CODE = new_code()


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that is logged, also by Google's library, which keeps its log to itself by default."""
    caplog.set_level(logging.DEBUG)
    googles = logging.getLogger("google")
    before = googles.level
    googles.addHandler(caplog.handler)
    googles.setLevel(logging.DEBUG)
    yield caplog
    googles.removeHandler(caplog.handler)
    googles.setLevel(before)


def _echoed(google: Google) -> Look:
    """A proxy that answers with what it was sent."""
    consented = next(iter(google.project.consents))
    said = f"refused {google.client.secret} and {consented}"
    google.project.troubles.append(tokenless("/token", 400, "invalid_request", said))
    return google.look(token=consented)


def _echoed_in_a_page(google: Google) -> Look:
    body = f"<html>client_secret={google.client.secret}</html>"
    google.project.troubles.append(Trouble("/token", 200, body, {"Content-Type": "text/html"}))
    return google.look()


CASES: dict[str, Callable[[Google], Look]] = {
    "consent": lambda google: google.look(wanted(CODE)),
    "service-account": lambda google: google.look_by_service_account(wanted(CODE)),
    "wrong-secret": lambda google: google.look(secret="another-secret-altogether"),
    "echoed": _echoed,
    "echoed-in-a-page": _echoed_in_a_page,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_strict_no_secret_is_logged_or_shown(
    google: Google, heard: pytest.LogCaptureFixture, case: Callable[[Google], Look]
) -> None:
    google.account.deliver(subject_for(CODE))
    google.look()  # gives a consent
    look = case(google)
    try:
        await look.run()
    except MailFailure as failure:
        logging.getLogger("test").debug("%r %r", failure, failure.detail)

    shown = heard.text + repr(look) + repr(look.journal.steps) + repr(look.journal.transcript)
    private_key = json.loads(google.robot.key_file())["private_key"].splitlines()[1]
    secrets = [google.client.secret, "another-secret-altogether", private_key]
    secrets += [*google.project.consents, *google.project.access]
    assert heard.text
    assert [secret for secret in secrets if secret in shown] == []
    assert "eyJ" not in shown, "the start of a JSON Web Token"
