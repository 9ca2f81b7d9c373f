"""What is read in a delivery report, and that nothing else is taken for one."""

import pytest

from director_api.bounces.message_ids import check_named_by, is_genuine, message_id_for
from director_api.bounces.reports import Bounce, bounce_in
from director_api.clock import new_id
from wire_contract.verification_code import new_code

ID = "<018f.0123@example.test>"
REPORT = """\
From: MAILER-DAEMON@example.test
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b

It did not work out.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.test

Final-Recipient: rfc822; nobody@example.test
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.test
Diagnostic-Code: smtp; 550 5.1.1 <nobody@example.test>\n User doesn't exist

--b
Content-Type: text/rfc822-headers

Message-ID: <018f.0123@example.test>
Subject: (code)

--b--
"""


def test_the_refusing_servers_own_words_are_read() -> None:
    said = "mx.example.test: 550 5.1.1 <nobody@example.test> User doesn't exist"
    assert bounce_in(REPORT.encode()) == Bounce(ID, said)


def test_a_quoted_message_serves_as_well_as_its_headers() -> None:
    whole = REPORT.replace("text/rfc822-headers", "message/rfc822")
    assert bounce_in(whole.encode()) == bounce_in(REPORT.encode())


def test_without_a_diagnostic_the_status_is_told() -> None:
    bare = "\n".join(
        line for line in REPORT.splitlines() if not line.startswith(("Diagnostic", " User", "Remote"))
    )
    assert bounce_in(bare.encode()) == Bounce(ID, "status 5.1.1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Action: failed", "Action: delayed"),
        ("multipart/report", "multipart/mixed"),
        ("message/delivery-status", "text/plain"),
        ("Message-ID:", "X-Other:"),
    ],
)
def test_what_is_no_report_of_a_failure_says_nothing(old: str, new: str) -> None:
    assert bounce_in(REPORT.replace(old, new).encode()) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\x00" * 1000,
        REPORT.encode()[:300],
        b"Content-Type: multipart/report; boundary=b\n\n"
        + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 3000,
        REPORT.replace("Action: failed", "Action: =?utf-8?b?//8=?=").encode(),
        REPORT.replace("Diagnostic-Code: smtp", "Diagnostic-Code: \x1b[31m" + "x" * 100_000).encode(),
    ],
    ids=["nothing", "binary", "cut", "nested", "encoded", "endless"],
)
def test_hostile_reports_neither_raise_nor_grow(raw: bytes) -> None:
    bounce = bounce_in(raw)
    assert bounce is None or (len(bounce.said) <= 512 and "\x1b" not in bounce.said)


def test_only_who_saw_the_message_can_name_it() -> None:
    check_id, code = new_id(), new_code()
    message_id = message_id_for(check_id, code, "example.test")
    assert code not in message_id
    assert check_named_by(message_id) == check_id
    assert is_genuine(message_id, code)
    assert not is_genuine(message_id_for(check_id, new_code(), "example.test"), code)
    assert check_named_by("<17@example.test>") is None
