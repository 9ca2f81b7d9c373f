"""The test mail system as a whole: sent by SMTP, read by IMAP."""

import imaplib
import smtplib
import ssl
from collections.abc import Callable

import pytest

from tests.servers.mail_servers import MailServers
from tests.servers.mailbox import Mailbox, message


def _tls(servers: MailServers) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=servers.ca_pem)


def _plain(servers: MailServers, _: Mailbox) -> smtplib.SMTP:
    return smtplib.SMTP(servers.host, servers.postfix.ports.smtp)


def _submission(servers: MailServers, mailbox: Mailbox) -> smtplib.SMTP:
    smtp = smtplib.SMTP(servers.host, servers.postfix.ports.submission)
    smtp.starttls(context=_tls(servers))
    smtp.login(mailbox.username, mailbox.password)
    return smtp


def _smtps(servers: MailServers, mailbox: Mailbox) -> smtplib.SMTP:
    smtp = smtplib.SMTP_SSL(servers.host, servers.postfix.ports.smtps, context=_tls(servers))
    smtp.login(mailbox.username, mailbox.password)
    return smtp


def _idle_until(imap: imaplib.IMAP4, expected: bytes) -> None:
    imap.send(b"x1 IDLE\r\n")
    _read_until(imap, expected)
    imap.send(b"DONE\r\n")
    _read_until(imap, b"x1 OK")


def _read_until(imap: imaplib.IMAP4, expected: bytes) -> None:
    while not (line := imap.readline()).startswith(expected):
        assert line, "the server hung up"


@pytest.mark.parametrize("connect", [_plain, _submission, _smtps])
def test_what_is_sent_arrives(
    mail_servers: MailServers, connect: Callable[[MailServers, Mailbox], smtplib.SMTP]
) -> None:
    mailbox = mail_servers.add_user()
    with imaplib.IMAP4(mail_servers.host, mail_servers.dovecot.ports.imap, timeout=20) as imap:
        imap.login(mailbox.username, mailbox.password)
        imap.select()
        with connect(mail_servers, mailbox) as smtp:
            smtp.sendmail("director@example.test", [mailbox.address], message("(hello)", to=mailbox.address))
        _idle_until(imap, b"* 1 EXISTS")


def test_submission_wants_tls_and_a_login(mail_servers: MailServers) -> None:
    mailbox = mail_servers.add_user()
    with smtplib.SMTP(mail_servers.host, mail_servers.postfix.ports.submission) as smtp:
        with pytest.raises(smtplib.SMTPNotSupportedError):
            smtp.login(mailbox.username, mailbox.password)
        smtp.starttls(context=_tls(mail_servers))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login(mailbox.username, "not-it")


def test_no_mail_leaves_the_machine(mail_servers: MailServers) -> None:
    elsewhere = "someone@elsewhere.test"
    smtp = smtplib.SMTP(mail_servers.host, mail_servers.postfix.ports.smtp)
    with smtp, pytest.raises(smtplib.SMTPRecipientsRefused, match="Relay access denied"):
        smtp.sendmail("director@example.test", [elsewhere], message("(hello)", to=elsewhere))
