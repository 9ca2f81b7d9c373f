"""The test server itself behaves as the tests that use it take for granted."""

import imaplib
import poplib
import ssl

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.mailbox import Mailbox


def _imap(dovecot: Dovecot, mailbox: Mailbox) -> imaplib.IMAP4:
    imap = imaplib.IMAP4(dovecot.host, dovecot.ports.imap)
    imap.login(mailbox.username, mailbox.password)
    return imap


def test_a_delivered_message_is_in_the_inbox_at_once(dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user()
    dovecot.deliver(mailbox, "(hello)")
    with _imap(dovecot, mailbox) as imap:
        imap.select()
        assert imap.search(None, "SUBJECT", "hello") == ("OK", [b"1"])


def test_each_mailbox_starts_empty(dovecot: Dovecot) -> None:
    dovecot.deliver(dovecot.add_user(), "(for another)")
    with _imap(dovecot, dovecot.add_user()) as imap:
        assert imap.select() == ("OK", [b"0"])


def test_junk_is_found_by_special_use_alone(dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user()
    dovecot.deliver_to_junk(mailbox, "(hidden)")
    with _imap(dovecot, mailbox) as imap:
        _, folders = imap.list()
        junk = next(line for line in folders if isinstance(line, bytes) and rb"\Junk" in line)
        assert b'"Courrier ind&AOk-sirable"' in junk
        assert imap.select('"Courrier ind&AOk-sirable"') == ("OK", [b"1"])


@pytest.mark.parametrize(("name", "username"), [("carl", r"CORP\carl"), ("cora", "cora@corp.test")])
def test_a_username_with_a_domain_opens_the_mailbox_of_the_address(
    dovecot: Dovecot, name: str, username: str
) -> None:
    mailbox = dovecot.add_user(name, username=username)
    dovecot.deliver_to_junk(mailbox, "(by this login)")
    pop3 = poplib.POP3(dovecot.host, dovecot.ports.pop3)
    pop3.user(username)
    pop3.pass_(mailbox.password)
    pop3.quit()


def test_both_tls_ports_show_a_certificate_of_the_ca(dovecot: Dovecot) -> None:
    context = ssl.create_default_context(cadata=dovecot.ca_pem)
    imaplib.IMAP4_SSL(dovecot.host, dovecot.ports.imaps, ssl_context=context).logout()
    poplib.POP3_SSL(dovecot.host, dovecot.ports.pop3s, context=context).quit()


def test_a_wrong_password_is_refused(dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user()
    imap = imaplib.IMAP4(dovecot.host, dovecot.ports.imap)
    with imap, pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        imap.login(mailbox.username, "not-it")
