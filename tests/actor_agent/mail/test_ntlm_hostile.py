"""NTLM with mailbox servers that answer with what is no challenge, or too much of it."""

import asyncio
import base64
import tracemalloc

import pytest
from pydantic import SecretStr

from mail_transport.ntlm import ntlm
from tests.actor_agent.mail.imap_script import imap_script
from tests.actor_agent.mail.looking import Look, target_of
from tests.actor_agent.mail.pop3.pop3_script import Answer, Pop3Script, says
from tests.actor_agent.mail.pop3.targets import pop3_target
from tests.mail_transport.test_ntlm import GOOD, challenge
from tests.servers.hostile import Peer, Script, hostile_server
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, PasswordCredentials, Target

SECRET = "s3cret-of-x"
SOMEBODY = PasswordCredentials(username=r"CORP\x", password=SecretStr(SECRET))
MOST_GROWTH = 4 * 1024 * 1024
PROTOCOLS = ["imap", "imap-ir", "pop3"]


class Exchange:
    """Answers AUTH or AUTHENTICATE with `challenges`, then ends it with `last`."""

    def __init__(self, *challenges: bytes, last: bytes, initial: bool = False) -> None:
        self._challenges = challenges if initial else (b"NTLM supported", *challenges)
        self._last = last
        self.answers: list[bytes] = []

    async def __call__(self, peer: Peer, tag: bytes) -> None:
        for each in self._challenges:
            await peer.send(b"+ " + each)
            self.answers.append((await peer.line()).rstrip())
        last = self._last.replace(b"%", self.answers[-1])
        await peer.send(tag + b" " + last if tag.startswith(b"A") else last)


def _server(protocol: str, exchange: Answer) -> Script:
    if protocol == "pop3":
        return Pop3Script(capabilities=("TOP", "UIDL", "SASL NTLM"), answers={b"AUTH": exchange})
    initial = b" SASL-IR" if protocol == "imap-ir" else b""
    offer = b"* CAPABILITY IMAP4rev1 AUTH=NTLM" + initial
    return imap_script({b"CAPABILITY": [offer], b"AUTHENTICATE": exchange})


def _target(protocol: str, port: int) -> Target:
    make = pop3_target if protocol == "pop3" else target_of
    return make(port, authentication=Authentication.NTLM)


def _exchange(protocol: str, *challenges: bytes, ending: bytes = b"NO [AUTHENTICATIONFAILED] no") -> Exchange:
    last = ending.replace(b"NO ", b"-ERR ") if protocol == "pop3" else ending
    return Exchange(*challenges, last=last, initial=protocol == "imap-ir")


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"no base64 at all",
        base64.b64encode(b"garbage"),
        base64.b64encode(GOOD[:-4]),
        base64.b64encode(challenge(name=(8, 2**32 - 1))),
        base64.b64encode(challenge(kind=9)),
        base64.b64encode(GOOD + bytes(30_000)),
    ],
)
async def test_what_is_no_challenge_ends_the_login(protocol: str, sent: bytes) -> None:
    exchange = _exchange(protocol, sent)
    async with hostile_server(_server(protocol, exchange)) as server, asyncio.timeout(30):
        look = Look(_target(protocol, server.port), SOMEBODY)
        assert await look.failure() is FailureCode.PROTOCOL_VIOLATION
    assert SECRET not in repr(look.journal.steps)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_second_challenge_is_not_answered(protocol: str) -> None:
    encoded = base64.b64encode(GOOD)
    exchange = _exchange(protocol, encoded, *[encoded] * 50)
    async with hostile_server(_server(protocol, exchange)) as server, asyncio.timeout(30):
        assert await Look(_target(protocol, server.port), SOMEBODY).failure() is (
            FailureCode.PROTOCOL_VIOLATION
        )


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_answer_that_the_server_repeats_is_masked(protocol: str) -> None:
    exchange = _exchange(protocol, base64.b64encode(GOOD), ending=b"NO what is %")
    async with hostile_server(_server(protocol, exchange)) as server, asyncio.timeout(30):
        look = Look(_target(protocol, server.port), SOMEBODY)
        assert await look.failure() is FailureCode.AUTH_INVALID_CREDENTIALS
    assert base64.b64decode(exchange.answers[-1]).startswith(b"NTLMSSP\0\3")
    assert look.journal.steps[-1].server_reply == "what is •••"


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_endless_challenge_takes_bounded_memory(protocol: str) -> None:
    async def endless(peer: Peer, _: bytes) -> None:
        await peer.send_raw(b"+ ")
        while True:
            await peer.send_raw(b"TlRM" * 16_384)

    ntlm("x", SECRET)  # loads the library, which is not what is measured
    async with hostile_server(_server(protocol, endless)) as server, asyncio.timeout(30):
        tracemalloc.start()
        try:
            code = await Look(_target(protocol, server.port), SOMEBODY).failure()
            assert tracemalloc.get_traced_memory()[1] < MOST_GROWTH
        finally:
            tracemalloc.stop()
    assert code is FailureCode.PROTOCOL_LIMIT_EXCEEDED


async def test_a_pop3_login_that_needs_no_proof_is_none() -> None:
    script = Pop3Script(capabilities=("SASL NTLM",), answers={b"AUTH": says(b"+OK welcome")})
    async with hostile_server(script) as server, asyncio.timeout(30):
        look = Look(_target("pop3", server.port), SOMEBODY)
        assert await look.failure() is FailureCode.PROTOCOL_VIOLATION


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_refusal_ahead_of_the_challenge_is_one(protocol: str) -> None:
    async def refusing(peer: Peer, tag: bytes) -> None:
        await peer.send(b"-ERR [AUTH] no" if protocol == "pop3" else tag + b" NO [AUTHENTICATIONFAILED] no")

    async with hostile_server(_server(protocol, refusing)) as server, asyncio.timeout(30):
        look = Look(_target(protocol, server.port), SOMEBODY)
        assert await look.failure() is FailureCode.AUTH_INVALID_CREDENTIALS
