"""What is kept of a dialogue: enough to explain it, and never a secret or anyone's mail."""

import base64

import pytest

from mail_transport.journal import Journal
from mail_transport.transcript import Transcript
from wire_contract.cleaning import MAX_EXCERPT


def lines_of(transcript: Transcript) -> list[str]:
    return [line.decode() for line in transcript.lines()]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (b"A1 CAPABILITY\r\n", "C: A1 CAPABILITY"),
        (b"A4 SELECT INBOX\r\n", "C: A4 SELECT INBOX"),
        (b'A2 LOGIN "anna" "s3cret"\r\n', "C: A2 LOGIN (not shown)"),
        (b"A2 AUTHENTICATE PLAIN AGFubmEAczNjcmV0\r\n", "C: A2 AUTHENTICATE PLAIN (not shown)"),
        (b"AUTH NTLM TlRMTVNTUAAB\r\n", "C: AUTH NTLM (not shown)"),
        (b"PASS s3cret\r\n", "C: PASS (not shown)"),
        (b"USER anna\r\n", "C: USER (not shown)"),
        (b"AGFubmEAczNjcmV0\r\n", "C: (not shown)"),
        (b"s3cret with spaces\r\n", "C: (not shown)"),
        (b"TOP 5 0\r\n", "C: TOP 5 0"),
        (b"EHLO [127.0.0.1]\r\n", "C: EHLO [127.0.0.1]"),
    ],
)
def test_of_a_command_no_more_is_kept_than_holds_no_secret(sent: bytes, shown: str) -> None:
    transcript = Transcript()
    transcript.sent(sent)
    assert lines_of(transcript) == [shown]


def test_no_mail_and_no_challenge_is_kept() -> None:
    transcript = Transcript()
    transcript.received(b'* 1 FETCH (UID 7 BODY[HEADER.FIELDS (SUBJECT)] "Subject: payroll")')
    transcript.received(b"+ TlRMTVNTUAACAAAA")
    transcript.received_block(512)
    assert lines_of(transcript) == ["S: * 1 FETCH (UID 7 BODY[...", "S: + (a challenge)", "S: (512 bytes)"]


def test_it_is_bounded_and_says_what_is_left_out() -> None:
    transcript, journal = Transcript(), Journal()
    journal.keep("mail.example.test:993", transcript)
    for number in range(10_000):
        transcript.received(b"* %d EXISTS" % number + b"x" * 65_000)
    assert max(map(len, transcript.lines())) == MAX_EXCERPT
    _server, *shown = journal.transcript
    assert len(shown) == 161
    assert shown[60] == "-- 9840 lines left out --"
    assert max(map(len, shown)) == 200


@pytest.mark.parametrize("ahead", [150, 180, MAX_EXCERPT - 20])
@pytest.mark.parametrize("secret", ["correct-horse-battery-staple-2026", "ya29." + "t0ken" * 400])
def test_a_secret_is_masked_wherever_a_line_is_cut(ahead: int, secret: str) -> None:
    transcript, journal = Transcript(), Journal()
    journal.keep("mail.example.test:993", transcript)
    journal.mask(secret)
    for form in (secret.encode(), base64.b64encode(secret.encode())):
        transcript.received(b"A2 BAD ".ljust(ahead, b".") + form)
    text = "\n".join(journal.transcript)
    assert secret[:3] not in text
    assert base64.b64encode(secret.encode()).decode()[:3] not in text
