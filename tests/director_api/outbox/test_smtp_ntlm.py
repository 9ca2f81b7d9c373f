"""The Director's own mail, logged in by NTLM over each encryption."""

import pytest

from tests.director_api.outbox.sending import WRONG, mail, refused, sent
from tests.servers import ntlm
from tests.servers.dovecot import Dovecot
from tests.servers.postfix import Postfix
from wire_contract.failure_codes import FailureCode


@pytest.mark.parametrize("username", ["CORP\\sender", "sender@corp.test"])
@pytest.mark.parametrize("encryption", ["none", "starttls", "ssl_tls"])
async def test_ntlm_over_each_encryption(
    ntlm_postfix: Postfix, ntlm_dovecot: Dovecot, encryption: str, username: str
) -> None:
    ports = ntlm_postfix.ports
    port = {"none": ports.smtp, "starttls": ports.submission, "ssl_tls": ports.smtps}[encryption]
    mailbox = ntlm_dovecot.add_user()
    tls = {"ca_certificate": ntlm_dovecot.ca_pem}
    outgoing = mail(
        port, ntlm.PASSWORD, encryption=encryption, authentication="ntlm", username=username, tls=tls
    )
    assert "queued as" in await sent(outgoing, mailbox.address)


async def test_a_wrong_password(ntlm_postfix: Postfix, ntlm_dovecot: Dovecot) -> None:
    settings = {"encryption": "starttls", "authentication": "ntlm", "username": "CORP\\sender"}
    tls = {"ca_certificate": ntlm_dovecot.ca_pem}
    failure = await refused(mail(ntlm_postfix.ports.submission, WRONG, tls=tls, **settings))
    assert (failure.code, failure.permanent) == (FailureCode.SEND_AUTH_FAILED, True)
