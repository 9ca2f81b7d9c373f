"""Each way that a job can end becomes one result, and no secret leaves with it."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from actor_agent.mail import Found, Reach, SearchWindow, Wanted
from actor_agent.runner import HandBack, Runner
from actor_agent.sealing_key import new_key
from actor_agent.secret import Secret
from actor_agent.state import Enrollment
from actor_agent.unsealing import Unsealer
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal
from tests.actor_agent.director import DIRECTORS_TIME
from tests.actor_agent.sealed_lease import PASSWORD, USERNAME, sealed_lease
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Credentials, Lease, PasswordCredentials, Target
from wire_contract.results import Evidence, Result

CODE, LOOK_ALIKE = "Ab3_-xyZ" + "A" * 18, "Ab3_-xyZ" + "B" * 18
EVIDENCE = Evidence(folder="INBOX", message_id="<1@example.test>")
ENROLLMENT = Enrollment(
    director_url="http://127.0.0.1",
    name="office-1",
    actor_id=str(uuid4()),
    credential=Secret("the-credential"),
    private_key=new_key(),
    poll_seconds=60,
    renew_seconds=20,
)


class MailSide:
    """Stands where the mail side stands: notes what it is given, and ends as it is told to."""

    def __init__(self, ends: Callable[[], Found | None]) -> None:
        self.ends = ends
        self.wanted: Wanted | None = None
        self.credentials: Credentials | None = None

    async def __call__(
        self,
        target: Target,  # noqa: ARG002  # the mail side's signature
        credentials: Credentials,
        wanted: Wanted | None,
        window: SearchWindow,  # noqa: ARG002  # the mail side's signature
        journal: Journal,  # noqa: ARG002  # the mail side's signature
        reach: Reach,  # noqa: ARG002  # the mail side's signature
    ) -> Found | None:
        self.credentials, self.wanted = credentials, wanted
        return self.ends()


def raising(error: Exception) -> Callable[[], Found | None]:
    def ends() -> Found | None:
        raise error

    return ends


def found() -> Found | None:
    return Found(codes=(CODE, LOOK_ALIKE), evidence=EVIDENCE)


async def run(mail: MailSide, **fields: Any) -> Result | HandBack:
    unsealer = Unsealer(ENROLLMENT.private_key, ENROLLMENT.actor_id, lambda: DIRECTORS_TIME)
    runner = Runner(unsealer, mail, Reach())
    lease = Lease.model_validate(sealed_lease(ENROLLMENT, **fields))
    return await runner.run(lease, Journal(lambda: None), SearchWindow())


async def test_a_code_that_was_read_is_reported_with_its_look_alikes() -> None:
    mail = MailSide(found)
    assert await run(mail) == Result(code=CODE, other_codes=(LOOK_ALIKE,), evidence=EVIDENCE)
    assert isinstance(mail.credentials, PasswordCredentials)
    assert (mail.credentials.username, mail.credentials.password.get_secret_value()) == (USERNAME, PASSWORD)
    assert mail.wanted is not None
    assert mail.wanted.locator == "Ab3_-xyZ"
    assert mail.wanted.folders == ("INBOX",)


async def test_a_mailbox_full_of_look_alikes_is_reported_within_limits() -> None:
    planted = tuple(f"Ab3_-xyZ{number:018}" for number in range(100))
    result = await run(MailSide(lambda: Found(codes=(CODE, *planted), evidence=EVIDENCE)))
    assert isinstance(result, Result)
    assert (result.code, result.other_codes) == (CODE, planted[:15])


async def test_a_connectivity_check_looks_for_nothing() -> None:
    mail = MailSide(lambda: None)
    assert await run(mail, kind="connectivity", locator=None) == Result(connected=True)
    assert mail.wanted is None


async def test_a_mail_failure_is_reported_by_its_code() -> None:
    failure = MailFailure(FailureCode.AUTH_INVALID_CREDENTIALS)
    assert await run(MailSide(raising(failure))) == Result(failure_code=FailureCode.AUTH_INVALID_CREDENTIALS)


async def test_nothing_worth_holding_open_is_handed_back() -> None:
    assert await run(MailSide(raising(LookAgain(90)))) == HandBack(90)


@pytest.mark.parametrize("fields", [{"kind": "autoconfig"}, {"kind": "carrier_pigeon"}, {"locator": None}])
async def test_a_job_that_is_not_known_is_refused(fields: dict[str, Any]) -> None:
    assert await run(MailSide(found), **fields) == Result(failure_code=FailureCode.UNSUPPORTED_JOB)


@pytest.mark.parametrize(
    "fields", [{"sealed_for": uuid4()}, {"expires_at": DIRECTORS_TIME - timedelta(seconds=1)}]
)
async def test_a_seal_that_is_not_ours_is_refused(fields: dict[str, Any]) -> None:
    mail = MailSide(found)
    assert await run(mail, **fields) == Result(failure_code=FailureCode.SEAL_UNREADABLE)
    assert mail.credentials is None


async def test_a_defect_ends_its_own_check_and_tells_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    defect = ValueError(f"can't encode {PASSWORD}")
    assert await run(MailSide(raising(defect))) == Result(failure_code=FailureCode.ACTOR_ERROR)
    assert "ValueError at actor_agent.runner" in caplog.text
    assert PASSWORD not in caplog.text


async def test_a_mail_side_that_says_nothing_is_a_defect() -> None:
    assert await run(MailSide(lambda: None)) == Result(failure_code=FailureCode.ACTOR_ERROR)
