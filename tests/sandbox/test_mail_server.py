"""The sandbox's mail server: what comes in by SMTP is read by IMAP, each user by itself."""

import imaplib
import json
import smtplib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_HOST = "127.0.0.1"


class _Ports(NamedTuple):
    smtp: int
    imap: int


@pytest.fixture(scope="module")
def ports() -> Iterator[_Ports]:
    users = ["--user", "anna@example.test:pw-a", "--user", "ben@example.test:pw-b"]
    command = [str(_ROOT / ".sandbox/bin/python"), "-m", "sandbox.mail_server", *users]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        said = json.loads(server.stdout.readline())
        yield _Ports(said["smtp_port"], said["imap_port"])
        server.terminate()
        assert server.wait(timeout=10) == 0


def _inbox(ports: _Ports, address: str, password: str) -> imaplib.IMAP4:
    imap = imaplib.IMAP4(_HOST, ports.imap, timeout=10)
    imap.login(address, password)
    imap.select()
    return imap


def _read_until(imap: imaplib.IMAP4, expected: bytes) -> None:
    while not (line := imap.readline()).startswith(expected):
        assert line, "the server hung up"


def test_mail_wakes_the_recipient_and_nobody_else(ports: _Ports) -> None:
    with _inbox(ports, "anna@example.test", "pw-a") as anna, _inbox(ports, "ben@example.test", "pw-b") as ben:
        anna.send(b"x IDLE\r\n")
        _read_until(anna, b"+")
        with smtplib.SMTP(_HOST, ports.smtp) as smtp:
            smtp.sendmail("director@example.test", ["Anna@example.test"], b"Subject: (hello)\r\n\r\nx\r\n")
        _read_until(anna, b"* 1 EXISTS")
        anna.send(b"DONE\r\n")
        _read_until(anna, b"x OK")
        _, [header, *_] = anna.fetch("1", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        assert isinstance(header, tuple)
        assert header[1].strip() == b"Subject: (hello)"
        assert ben.select() == ("OK", [b"0"])


def test_mail_for_nobody_is_refused(ports: _Ports) -> None:
    smtp = smtplib.SMTP(_HOST, ports.smtp)
    with smtp, pytest.raises(smtplib.SMTPRecipientsRefused, match="No such mailbox"):
        smtp.sendmail("director@example.test", ["eve@example.test"], b"Subject: x\r\n\r\nx\r\n")


@pytest.mark.parametrize("address", ["anna@example.test", "eve@example.test"])
def test_a_wrong_password_is_refused_like_an_unknown_user(ports: _Ports, address: str) -> None:
    imap = imaplib.IMAP4(_HOST, ports.imap, timeout=10)
    with imap, pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        imap.login(address, "not-it")
