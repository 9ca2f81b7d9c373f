"""The sandbox's mail server: what comes in by SMTP is read by IMAP and POP3, each user by itself."""

import imaplib
import json
import poplib
import smtplib
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from mail_transport.ntlm import ntlm

_ROOT = Path(__file__).resolve().parents[2]
_HOST = "127.0.0.1"


class _Ports(NamedTuple):
    smtp: int
    imap: int
    pop3: int
    pop3s: int
    ca_certificate: str

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.ca_certificate)


@pytest.fixture(scope="module")
def ports() -> Iterator[_Ports]:
    users = [
        "--user",
        "anna@example.test:pw-a",
        "--user",
        "ben@example.test:pw-b",
        "--user",
        "carl@example.test:pw c",
    ]
    command = [str(_ROOT / ".sandbox/bin/python"), "-m", "sandbox.mail_server", *users]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        said = json.loads(server.stdout.readline())
        names = ("smtp_port", "imap_port", "pop3_port", "pop3s_port", "ca_certificate")
        yield _Ports(*(said[name] for name in names))
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


@pytest.mark.parametrize("password", ["pw-b", "not-it"])
def test_ntlm_lets_the_right_password_in_and_no_other(ports: _Ports, password: str) -> None:
    with imaplib.IMAP4(_HOST, ports.imap, timeout=10) as imap:
        imap.starttls(ports.tls)
        respond = ntlm("ben@example.test", password)
        if password == "pw-b":
            assert imap.authenticate("NTLM", respond)[0] == "OK"
            return
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            imap.authenticate("NTLM", respond)


def test_pop3_shows_what_came_before_the_login_and_deletes(ports: _Ports) -> None:
    with smtplib.SMTP(_HOST, ports.smtp) as smtp:
        smtp.sendmail("director@example.test", ["carl@example.test"], b"Subject: (pop)\r\n\r\n.x\r\n")
    pop3 = poplib.POP3_SSL(_HOST, ports.pop3s, context=ports.tls, timeout=10)
    pop3.user("carl@example.test")
    pop3.pass_("pw c")
    assert pop3.stat()[0] == 1
    _, uids, _ = pop3.uidl()
    assert len(uids) == 1
    assert b"Subject: (pop)" in pop3.top(1, 0)[1]
    pop3.dele(1)
    pop3.quit()
    again = poplib.POP3(_HOST, ports.pop3, timeout=10)
    again.stls(ports.tls)
    again.user("carl@example.test")
    again.pass_("pw c")
    assert again.stat()[0] == 0
    again.quit()


def test_pop3_refuses_a_wrong_password(ports: _Ports) -> None:
    pop3 = poplib.POP3(_HOST, ports.pop3, timeout=10)
    pop3.user("anna@example.test")
    with pytest.raises(poplib.error_proto, match="AUTH"):
        pop3.pass_("not-it")
    pop3.close()
