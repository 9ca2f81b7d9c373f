"""NTLM of the test server, with a client that is not the project's own."""

import imaplib
from collections.abc import Callable

import pytest
import spnego

from tests.servers import ntlm
from tests.servers.dovecot import Dovecot


def _answers(username: str, password: str) -> Callable[[bytes], bytes]:
    client = spnego.client(username, password, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    return lambda challenge: client.step(challenge or None) or b""


@pytest.mark.parametrize("username", ["dora", r"CORP\dora", "dora@corp.test"])
def test_every_spelling_of_the_domain_opens_one_mailbox(ntlm_dovecot: Dovecot, username: str) -> None:
    mailbox = ntlm_dovecot.add_user()
    ntlm_dovecot.deliver(mailbox, "(hello)")
    with imaplib.IMAP4(ntlm_dovecot.host, ntlm_dovecot.ports.imap) as imap:
        imap.authenticate("NTLM", _answers(username.replace("dora", mailbox.name), ntlm.PASSWORD))
        assert imap.select() == ("OK", [b"1"])


def test_a_wrong_password_is_refused(ntlm_dovecot: Dovecot) -> None:
    imap = imaplib.IMAP4(ntlm_dovecot.host, ntlm_dovecot.ports.imap)
    with imap, pytest.raises(imaplib.IMAP4.error):
        imap.authenticate("NTLM", _answers("dora", "not-it"))
