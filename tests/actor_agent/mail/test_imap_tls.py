"""Each trouble with TLS ends under its own name, and nothing secret is sent before it is over."""

import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256

import pytest
import trustme

from tests.actor_agent.mail.imap_script import Answer, imap_script
from tests.actor_agent.mail.looking import Look, credentials_of, dovecot_target, target_of
from tests.servers import certificates
from tests.servers.certificates import ServerCertificate
from tests.servers.dovecot import Dovecot
from tests.servers.folders import server_folder
from tests.servers.hostile import Peer, hostile_server, server_context
from tests.servers.mailbox import Mailbox
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Encryption, TlsPolicy

NOBODY = credentials_of(Mailbox("x@example.test", "x", "s3cret-of-x"))


def _pem(ca: trustme.CA) -> str:
    return ca.cert_pem.bytes().decode()


async def _greeting(peer: Peer) -> None:
    await peer.send(b"* OK ready")
    await peer.until_closed()


async def _starttls_then(peer: Peer, *answers: bytes) -> None:
    await peer.send(b"* OK ready")
    tag, command = await peer.command()
    while command != b"STARTTLS":
        await peer.send(b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN", tag + b" OK done")
        tag, command = await peer.command()
    await peer.send(tag + b" OK go ahead", *answers)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (certificates.expired, FailureCode.TLS_CERTIFICATE_EXPIRED),
        (certificates.not_yet_valid, FailureCode.TLS_CERTIFICATE_NOT_YET_VALID),
        (certificates.for_another_host, FailureCode.TLS_WRONG_HOST),
        (lambda _: certificates.from_another_ca(), FailureCode.TLS_UNKNOWN_CA),
        (lambda _: certificates.self_signed(), FailureCode.TLS_SELF_SIGNED),
    ],
)
@pytest.mark.parametrize("encryption", [Encryption.SSL_TLS, Encryption.STARTTLS])
async def test_a_bad_certificate_is_told_apart_and_shown(
    ca: trustme.CA,
    make: Callable[[trustme.CA], ServerCertificate],
    code: FailureCode,
    encryption: Encryption,
) -> None:
    certificate = make(ca)

    async def upgrade(peer: Peer) -> None:
        await _starttls_then(peer)
        await peer.writer.start_tls(server_context(certificate))

    implicit = encryption is Encryption.SSL_TLS
    script = _greeting if implicit else upgrade
    async with hostile_server(script, certificate=certificate if implicit else None) as server:
        look = Look(target_of(server.port, encryption, ca=_pem(ca)), NOBODY)
        assert await look.failure() is code
    detail = look.step(StepName.TLS).detail
    assert detail["fingerprint_sha256"] == sha256(_leaf(certificate)).hexdigest()
    if code is FailureCode.TLS_WRONG_HOST:
        assert detail["names"] == ["mail.elsewhere.test"]
    assert b"AUTHENTICATE" not in server.heard


def _leaf(certificate: ServerCertificate) -> bytes:
    end = b"-----END CERTIFICATE-----"
    return ssl.PEM_cert_to_DER_cert((certificate.chain_pem.split(end)[0] + end).decode())


async def test_a_pin_is_enough_and_its_form_is_free(dovecot: Dovecot) -> None:
    mailbox = dovecot.add_user()
    first = Look(dovecot_target(dovecot), credentials_of(mailbox))
    await first.run()
    seen = str(first.step(StepName.TLS).detail["fingerprint_sha256"])
    colons = ":".join(seen[i : i + 2] for i in range(0, 64, 2)).upper()
    for pin in (seen, colons):
        look = Look(dovecot_target(dovecot, tls=TlsPolicy(pinned_sha256=pin)), credentials_of(mailbox))
        await look.run()
        assert look.warnings == []


async def test_another_certificate_than_the_pinned_is_refused(dovecot: Dovecot) -> None:
    look = Look(dovecot_target(dovecot, tls=TlsPolicy(pinned_sha256="0" * 64)), NOBODY)
    assert await look.failure() is FailureCode.TLS_PIN_MISMATCH
    assert look.step(StepName.TLS).detail["fingerprint_sha256"]


async def test_not_verifying_is_said_aloud(dovecot: Dovecot) -> None:
    target = dovecot_target(dovecot, tls=TlsPolicy(verify=False))
    look = Look(target, credentials_of(dovecot.add_user()))
    await look.run()
    assert look.warnings == [FailureCode.TLS_NOT_VERIFIED]


async def test_a_certificate_that_ends_soon_is_told(ca: trustme.CA) -> None:
    with server_folder() as folder, Dovecot(folder, ca, certificate=certificates.ending_soon(ca)) as dovecot:
        look = Look(dovecot_target(dovecot), credentials_of(dovecot.add_user()))
        await look.run()
    assert look.warnings == [FailureCode.TLS_CERTIFICATE_EXPIRES_SOON]
    assert look.step(StepName.TLS).outcome is StepOutcome.WARNING


async def test_the_systems_authorities_do_not_know_a_private_one(dovecot: Dovecot) -> None:
    look = Look(dovecot_target(dovecot, tls=TlsPolicy()), NOBODY)
    assert await look.failure() is FailureCode.TLS_UNKNOWN_CA


@pytest.mark.parametrize(
    "text", ["nonsense", "# Müller CA", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
async def test_an_unreadable_authority_is_named(dovecot: Dovecot, text: str) -> None:
    look = Look(dovecot_target(dovecot, tls=TlsPolicy(ca_certificate=text)), NOBODY)
    assert await look.failure() is FailureCode.TLS_CA_UNREADABLE


async def test_plain_text_on_a_tls_port_is_told(dovecot: Dovecot) -> None:
    target = target_of(dovecot.ports.imap, Encryption.SSL_TLS, ca=dovecot.ca_pem)
    assert await Look(target, NOBODY).failure() is FailureCode.TLS_NOT_SPOKEN


@pytest.mark.parametrize("encryption", [Encryption.NONE, Encryption.STARTTLS])
async def test_a_tls_port_spoken_to_in_plain_text_is_told(
    dovecot: Dovecot, encryption: Encryption, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail_transport.imap.opening.REPLY_SECONDS", 0.2)
    target = target_of(dovecot.ports.imaps, encryption, ca=dovecot.ca_pem)
    assert await Look(target, NOBODY).failure() is FailureCode.TLS_EXPECTED_BY_SERVER


@contextmanager
def _tls_1_0_server(ca: trustme.CA) -> Iterator[int]:
    """Yield the port of a server without anything newer; in a thread, since asyncio's sends no alert."""
    context = server_context(certificates.valid(ca))
    context.set_ciphers("ALL:@SECLEVEL=0")  # else OpenSSL 3 refuses to speak TLS 1.0 at all
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):  # the listener is shut
                while True:
                    connection, _ = listener.accept()
                    with suppress(OSError), context.wrap_socket(connection, server_side=True):
                        pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(30)


async def test_a_server_that_speaks_only_tls_1_0_is_told(ca: trustme.CA) -> None:
    with _tls_1_0_server(ca) as port:
        look = Look(target_of(port, Encryption.SSL_TLS, ca=_pem(ca)), NOBODY)
        assert await look.failure() is FailureCode.TLS_PROTOCOL
    detail = look.step(StepName.TLS).detail
    assert "PROTOCOL_VERSION" in str(detail["error"])
    assert detail["version"] == "TLSv1"


async def test_the_whole_chain_is_shown_as_it_was_sent() -> None:
    root = trustme.CA()
    between = root.create_child_ca()
    certificate = certificates.valid(between)

    async def greets_and_goes(peer: Peer) -> None:
        await peer.send_raw(b"* OK ready\r\n")

    async with hostile_server(greets_and_goes, certificate=certificate) as server:
        trusting = Look(target_of(server.port, Encryption.SSL_TLS, ca=_pem(root)), NOBODY)
        await trusting.failure()
        unknowing = Look(target_of(server.port, Encryption.SSL_TLS, ca=_pem(trustme.CA())), NOBODY)
        assert await unknowing.failure() is FailureCode.TLS_UNKNOWN_CA
    for look in (trusting, unknowing):
        chain = look.step(StepName.TLS).detail["chain"]
        assert isinstance(chain, list)
        leaf, issuer = (each for each in chain if isinstance(each, dict))
        assert leaf["fingerprint_sha256"] == sha256(_leaf(certificate)).hexdigest()
        assert leaf["issuer"] == issuer["subject"]
        assert all(each["not_after"] for each in (leaf, issuer))


async def test_a_server_that_refuses_every_version_is_told() -> None:
    async def old(peer: Peer) -> None:
        await peer.reader.read(1024)
        # Alert, TLS 1.0, fatal, protocol_version (RFC 5246 section 7.2).
        await peer.send_raw(bytes.fromhex("15 0301 0002 02 46"))
        await peer.until_closed()

    async with hostile_server(old) as server:
        look = Look(target_of(server.port, Encryption.SSL_TLS), NOBODY)
        assert await look.failure() is FailureCode.TLS_PROTOCOL


async def test_starttls_that_was_stripped_sends_no_password() -> None:
    async def stripped(peer: Peer) -> None:
        await peer.send(b"* OK ready")
        tag, _ = await peer.command()
        await peer.send(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN", tag + b" OK done")
        await peer.until_closed()

    async with hostile_server(stripped) as server:
        look = Look(target_of(server.port, Encryption.STARTTLS), NOBODY)
        assert await look.failure() is FailureCode.TLS_NOT_OFFERED
    assert b"AUTHENTICATE" not in server.heard
    assert b"LOGIN" not in server.heard


async def test_starttls_that_is_refused_sends_no_password() -> None:
    async def refusing(peer: Peer) -> None:
        await peer.send(b"* OK ready")
        tag, _ = await peer.command()
        await peer.send(b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN", tag + b" OK done")
        tag, _ = await peer.command()
        await peer.send(tag + b" BAD not now")
        await peer.until_closed()

    async with hostile_server(refusing) as server:
        look = Look(target_of(server.port, Encryption.STARTTLS), NOBODY)
        assert await look.failure() is FailureCode.TLS_NOT_OFFERED
    assert b"LOGIN" not in server.heard


async def test_a_connection_that_ends_at_starttls_shows_in_the_step() -> None:
    async def leaving(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it is never answered
        raise ConnectionError

    offering: dict[bytes, Answer] = {
        b"CAPABILITY": [b"* CAPABILITY IMAP4rev1 STARTTLS"],
        b"STARTTLS": leaving,
    }
    async with hostile_server(imap_script(offering)) as server:
        look = Look(target_of(server.port, Encryption.STARTTLS), NOBODY)
        assert await look.failure() is FailureCode.CONNECTION_CLOSED
    assert look.step_names[-1] == "tls"


async def test_answers_injected_ahead_of_tls_end_the_check(ca: trustme.CA) -> None:
    async def injecting(peer: Peer) -> None:
        await _starttls_then(peer, b"* CAPABILITY IMAP4rev1 AUTH=PLAIN", b"A3 OK injected")
        await peer.until_closed()

    async with hostile_server(injecting) as server:
        look = Look(target_of(server.port, Encryption.STARTTLS, ca=_pem(ca)), NOBODY)
        assert await look.failure() is FailureCode.PROTOCOL_VIOLATION
    assert b"AUTHENTICATE" not in server.heard


async def test_a_preauthenticated_greeting_never_counts() -> None:
    async def preauthenticated(peer: Peer) -> None:
        await peer.send(b"* PREAUTH welcome")
        await peer.until_closed()

    async with hostile_server(preauthenticated) as server:
        look = Look(target_of(server.port, Encryption.STARTTLS), NOBODY)
        assert await look.failure() is FailureCode.GREETING_UNEXPECTED
