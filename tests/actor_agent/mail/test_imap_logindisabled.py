"""A server that forbids logins until TLS stands (LOGINDISABLED, RFC 3501 section 6.2.3)."""

import asyncio

import pytest
import trustme

from tests.actor_agent.mail.imap_script import Answer, imap_script
from tests.actor_agent.mail.looking import Look, credentials_of, target_of
from tests.servers.certificates import valid
from tests.servers.hostile import Peer, hostile_server, server_context
from tests.servers.mailbox import Mailbox
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Encryption

SOMEBODY = credentials_of(Mailbox("x@example.test", "x", "s3cret-of-x"))


@pytest.mark.parametrize(
    ("after", "mechanism", "said"),
    [
        (b"IMAP4rev1", "LOGIN", b'LOGIN "x" "s3cret-of-x"'),
        (b"IMAP4rev1 AUTH=PLAIN SASL-IR", "PLAIN", b"AUTHENTICATE PLAIN AHgAczNjcmV0LW9mLXg="),
    ],
)
async def test_what_was_forbidden_before_tls_is_done_after_it(
    ca: trustme.CA, after: bytes, mechanism: str, said: bytes
) -> None:
    context, secured = server_context(valid(ca)), asyncio.Event()

    async def capability(peer: Peer, tag: bytes) -> None:
        words = after if secured.is_set() else b"IMAP4rev1 STARTTLS LOGINDISABLED"
        await peer.send(b"* CAPABILITY " + words, tag + b" OK done")

    async def starttls(peer: Peer, tag: bytes) -> None:
        await peer.send(tag + b" OK begin")
        await peer.writer.start_tls(context)
        secured.set()

    answers: dict[bytes, Answer] = {b"CAPABILITY": capability, b"STARTTLS": starttls}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(20):
        authority = ca.cert_pem.bytes().decode()
        look = Look(target_of(server.port, Encryption.STARTTLS, ca=authority), SOMEBODY)
        await look.run()
    assert look.step(StepName.AUTHENTICATE).detail["mechanism"] == mechanism
    assert said in server.heard


async def test_without_tls_no_password_is_sent() -> None:
    answers: dict[bytes, Answer] = {b"CAPABILITY": [b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED"]}
    async with hostile_server(imap_script(answers)) as server, asyncio.timeout(20):
        look = Look(target_of(server.port), SOMEBODY)
        assert await look.failure() is FailureCode.AUTH_MECHANISM_NOT_OFFERED
    assert b"s3cret" not in server.heard
