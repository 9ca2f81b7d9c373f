"""What the trace and the subject of a found message tell of its way."""

import pytest

from actor_agent.mail.delivery import tell
from actor_agent.mail.evidence import evidence_of
from mail_transport.journal import Journal
from tests.actor_agent.mail.looking import Look, credentials_of, dovecot_target, wanted
from tests.servers.dovecot import Dovecot
from wire_contract.base import JsonValue
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import subject_for

CODE = "Wanted_0123456789-abcdefgh"


def hop(by: str, time: str) -> str:
    return f"Received: from x by {by} with SMTP; Tue, 24 Nov 2026 {time} +0000\r\n"


def told(
    *hops: str, subject: str = subject_for(CODE)
) -> tuple[dict[str, JsonValue], list[tuple[str, str | None]]]:
    header = ("".join(hops) + f"Subject: {subject}\r\n").encode()
    journal = Journal()
    with journal.step(StepName.FOUND) as step:
        tell(evidence_of(header, "INBOX"), header, step, journal)
    return journal.steps[0].detail, [(warned.code.value, warned.detail) for warned in journal.warnings]


def test_each_hop_shows_how_long_the_message_took() -> None:
    detail, warned = told(hop("mx.b", "10:00:07"), hop("relay.a", "10:00:02"), hop("director.a", "10:00:00"))
    assert detail["delivery_seconds"] == 7
    assert detail["hops"] == [
        {"by": "director.a", "seconds": 0},
        {"by": "relay.a", "seconds": 2},
        {"by": "mx.b", "seconds": 5},
    ]
    assert warned == []


def test_the_server_that_held_it_is_named() -> None:
    _, warned = told(hop("mx.b", "10:05:03"), hop("relay.a", "10:00:02"), hop("director.a", "10:00:00"))
    assert warned == [("mail_delayed", "relay.a held it for 301 s")]


@pytest.mark.parametrize("trace", [(), (hop("mx.b", "10:00:00"),), ("Received: nonsense\r\n",) * 2])
def test_a_trace_without_two_times_tells_nothing(trace: tuple[str, ...]) -> None:
    detail, warned = told(*trace)
    assert (detail, warned) == ({}, [])


@pytest.mark.parametrize(
    ("subject", "altered"),
    [
        (subject_for(CODE), False),
        (f"=?utf-8?q?=28{CODE.replace('_', '=5F')}=29?=", False),
        (f"[EXTERNAL] {subject_for(CODE)}", True),
        (f"Fwd: {subject_for(CODE)}", True),
    ],
)
def test_a_subject_that_a_gateway_changed_is_told(subject: str, altered: bool) -> None:
    assert told(subject=subject)[1] == ([("subject_altered", None)] if altered else [])


async def test_a_real_message_shows_its_way(dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user()
    dovecot.deliver(mailbox, f"[EXTERNAL] {subject_for(CODE)}")
    look = Look(dovecot_target(dovecot), credentials_of(mailbox), wanted(CODE))
    assert (await look.found()).evidence.received
    assert look.warnings == [FailureCode.SUBJECT_ALTERED]
