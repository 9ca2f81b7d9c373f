"""The Director's own mail, handed to a real Postfix."""

from typing import Any

import pytest
import trustme

from tests.director_api.outbox.sending import WRONG, login, mail, refused, sent
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.folders import server_folder
from tests.servers.hostile import Peer, hostile_server
from tests.servers.mail_servers import MailServers
from tests.servers.ports import free_ports
from tests.servers.postfix import Postfix
from wire_contract.failure_codes import FailureCode


@pytest.mark.parametrize("authentication", ["plain", "login", "cram_md5"])
@pytest.mark.parametrize("encryption", ["none", "starttls", "ssl_tls"])
async def test_each_login_over_each_encryption(
    mail_servers: MailServers, encryption: str, authentication: str
) -> None:
    mailbox = mail_servers.add_user()
    ports = mail_servers.postfix.ports
    port = {"none": ports.smtp, "starttls": ports.submission, "ssl_tls": ports.smtps}[encryption]
    settings = login(mail_servers, mailbox.username, authentication)
    reply = await sent(mail(port, PASSWORD, encryption=encryption, **settings), mailbox.address)
    assert "queued as" in reply


async def test_a_wrong_password(mail_servers: MailServers) -> None:
    settings = login(mail_servers, mail_servers.add_user().username, "plain")
    failure = await refused(mail(mail_servers.postfix.ports.smtps, WRONG, encryption="ssl_tls", **settings))
    assert (failure.code, failure.permanent) == (FailureCode.SEND_AUTH_FAILED, True)


@pytest.mark.parametrize("tls", [{}, {"pinned_sha256": "0" * 64}])
@pytest.mark.parametrize("encryption", ["starttls", "ssl_tls"])
async def test_a_certificate_that_is_not_trusted(
    mail_servers: MailServers, encryption: str, tls: dict[str, Any]
) -> None:
    ports = mail_servers.postfix.ports
    port = ports.smtps if encryption == "ssl_tls" else ports.smtp
    failure = await refused(mail(port, encryption=encryption, tls=tls))
    assert failure.code is FailureCode.SEND_TLS_FAILED


async def test_the_pinned_certificate_is_trusted(mail_servers: MailServers) -> None:
    mailbox = mail_servers.add_user()
    port = mail_servers.postfix.ports.smtp
    failure = await refused(mail(port, encryption="starttls", tls={"pinned_sha256": "0" * 64}))
    presented = failure.server_reply.rpartition(" ")[2]
    assert len(bytes.fromhex(presented)) == 32
    pinned = mail(port, encryption="starttls", tls={"pinned_sha256": presented})
    assert "queued as" in await sent(pinned, mailbox.address)


async def test_an_address_that_the_server_does_not_take(mail_servers: MailServers) -> None:
    failure = await refused(mail(mail_servers.postfix.ports.smtp), "somebody@elsewhere.test")
    assert (failure.code, failure.permanent) == (FailureCode.SEND_REJECTED, True)
    assert failure.server_reply.startswith("554")


async def test_a_server_whose_disk_is_full_may_take_it_later(ca: trustme.CA, dovecot: Dovecot) -> None:
    room = {"queue_minfree": "9000000000000000"}  # more than any disk has, so what is left is too little
    with server_folder() as folder, Postfix(folder, ca, dovecot, settings=room) as full:
        failure = await refused(mail(full.ports.smtp))
    assert (failure.code, failure.permanent) == (FailureCode.SEND_DEFERRED, False)
    assert failure.server_reply == "452 4.3.1 Insufficient system storage"


@pytest.mark.parametrize(
    "reply",
    [
        b"550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        b"554 5.2.252 SendAsDenied; app@example.test not allowed to send as director@example.test",
    ],
)
async def test_exchange_refuses_a_sender_that_is_not_the_accounts_own(reply: bytes) -> None:
    async def exchange(peer: Peer) -> None:
        await peer.send(b"220 smtp.example.test")
        for answer in (b"250 smtp.example.test", b"250 2.1.0 Sender OK", b"250 2.1.5 OK", b"354 Go on"):
            await peer.line()
            await peer.send(answer)
        while await peer.line() != b".\r\n":
            pass
        await peer.send(reply)
        await peer.until_closed()

    async with hostile_server(exchange) as server:
        failure = await refused(mail(server.port))
    assert (failure.code, failure.permanent) == (FailureCode.SEND_AS_DENIED, True)
    assert failure.server_reply == reply.decode()


async def test_a_server_that_is_away_may_come_back() -> None:
    failure = await refused(mail(free_ports(1)[0]))
    assert (failure.code, failure.permanent) == (FailureCode.SEND_DEFERRED, False)


async def test_a_login_without_a_password_is_not_left_out(mail_servers: MailServers) -> None:
    settings = {"authentication": "plain", "username": "director"}
    failure = await refused(mail(mail_servers.postfix.ports.smtp, **settings))
    assert (failure.code, failure.permanent) == (FailureCode.SEND_AUTH_FAILED, True)
