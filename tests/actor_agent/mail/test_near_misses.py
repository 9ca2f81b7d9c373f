"""Messages that are nearly the wanted one are told while the search goes on."""

import pytest

from actor_agent.mail import Wanted
from actor_agent.mail.near_misses import NearMisses
from actor_agent.mail.subjects import subjects_of
from mail_transport.journal import Journal
from tests.actor_agent.mail.looking import Look, credentials_of, dovecot_target
from tests.servers.dovecot import Dovecot
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import subject_for

CODE, EARLIER, OTHER = (
    "Wanted_0123456789-abcdefgh",
    "Earlier_123456789-abcdefgh",
    "Another_123456789-abcdefgh",
)
WANTED = Wanted(CODE[:8], earlier_locators=(EARLIER[:8],))


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (CODE, FailureCode.CODE_WITHOUT_PARENTHESES),
        (f"[EXTERNAL] {CODE}", FailureCode.CODE_WITHOUT_PARENTHESES),
        (f"({CODE}", FailureCode.CODE_WITHOUT_PARENTHESES),
        (f"[{CODE}]", FailureCode.CODE_WITHOUT_PARENTHESES),
        (f"({CODE[:20]})", FailureCode.CODE_INCOMPLETE),
        (CODE[:8], FailureCode.CODE_INCOMPLETE),
        (subject_for(EARLIER), FailureCode.CODE_OUTDATED),
        (subject_for(OTHER), None),
        (f"x{CODE}", None),
        ("Invoice", None),
        (CODE[:7], None),
    ],
)
def test_each_kind_is_told(subject: str, code: FailureCode | None) -> None:
    near, journal = NearMisses(WANTED), Journal()
    near.take(subjects_of(b"Subject: " + subject.encode()), 1)
    with journal.step(StepName.SEARCH) as step:
        assert near.show(step) is (code is not None)
        near.take(subjects_of(b"Subject: " + subject.encode()), 1)
        assert not near.show(step)
        near.conclude(step, journal, found=False)
    assert journal.steps[0].code == code
    assert [warned.code for warned in journal.warnings] == ([code] if code else [])
    assert sum(value for value in step.detail.values() if isinstance(value, int)) == (code is not None)


def test_once_the_message_is_there_they_do_not_matter() -> None:
    near, journal = NearMisses(WANTED), Journal()
    near.take(subjects_of(CODE.encode()), 1)
    near.take(subjects_of(b"Subject: " + CODE.encode()), 2)
    with journal.step(StepName.SEARCH) as step:
        near.show(step)
        near.conclude(step, journal, found=True)
    assert journal.steps[0].outcome is StepOutcome.OK
    assert journal.warnings == ()


async def test_it_stands_beside_the_failure_and_names_what_to_mend(dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user()
    dovecot.deliver(mailbox, f"Re: {CODE}")
    look = Look(dovecot_target(dovecot), credentials_of(mailbox), WANTED)
    assert await look.failure() is FailureCode.CODE_NOT_FOUND
    assert look.warnings == [FailureCode.CODE_WITHOUT_PARENTHESES]
    assert look.step(StepName.SEARCH).detail["messages_with_the_code_without_its_parentheses"] == 1
