"""The exchange itself, against servers that say what Dovecot does not."""

import base64
import json

import pytest
from pydantic import SecretStr

from mail_transport.failures import MailFailure
from mail_transport.imap.login import log_in
from mail_transport.imap.opening import Opening
from mail_transport.journal import Journal
from mail_transport.xoauth2 import TokenLogin, Xoauth2
from tests.actor_agent.mail.imap_script import Answer, imap_script
from tests.actor_agent.mail.looking import HERE, target_of
from tests.servers.hostile import Peer, hostile_server
from wire_contract.diagnostics import Step
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication

TOKEN = "ya29.a-token-of-the-test"  # because only the script takes it
LOGIN = TokenLogin("alice@example.test", SecretStr(TOKEN), {})
MESSAGE = base64.b64encode(f"user=alice@example.test\x01auth=Bearer {TOKEN}\x01\x01".encode())


def _challenge(**said: str) -> bytes:
    return b"+ " + base64.b64encode(json.dumps(said).encode())


async def _log_in(answers: dict[bytes, Answer], *, initial: bool = True) -> tuple[Step, MailFailure | None]:
    capabilities = b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2" + (b" SASL-IR" if initial else b"")
    script = imap_script({b"CAPABILITY": [capabilities]} | answers)
    async with hostile_server(script) as server:
        journal, failed = Journal(), None
        target = target_of(server.port, authentication=Authentication.XOAUTH2)
        session = await Opening(target.incoming, target.tls, HERE, journal).open()
        try:
            await log_in(session, target.incoming, LOGIN, journal)
        except MailFailure as failure:
            failed = failure
        finally:
            session.channel.abort()
        return next(step for step in reversed(journal.steps) if step.step == "authenticate"), failed


def _refusing(challenge: bytes, end: bytes) -> Answer:
    async def answer(peer: Peer, tag: bytes) -> None:
        await peer.send(challenge)
        assert await peer.line() == b"\r\n"  # the client has nothing to add, and says so
        await peer.send(tag + b" " + end)

    return answer


async def test_the_reason_in_the_challenge_is_shown() -> None:
    challenge = _challenge(status="400", schemes="Bearer", scope="https://mail.google.com/")
    said = b"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"
    step, failure = await _log_in({b"AUTHENTICATE": _refusing(challenge, said)})
    assert failure is not None
    assert failure.code is step.code is FailureCode.AUTH_TOKEN_REFUSED
    assert step.detail["scope"] == "https://mail.google.com/"
    assert "Invalid credentials" in (step.server_reply or "")


async def test_a_service_that_can_not_judge_the_token_is_not_taken_for_a_refusal() -> None:
    challenge = _challenge(status="500")
    _, failure = await _log_in({b"AUTHENTICATE": _refusing(challenge, b"NO try later")})
    assert failure is not None
    assert failure.code is FailureCode.AUTH_TEMPORARILY_UNAVAILABLE


@pytest.mark.parametrize("challenge", [b"+ not base64", b"+ " + base64.b64encode(b"[1]"), b"+ "])
async def test_a_challenge_without_a_reason_is_a_refusal_all_the_same(challenge: bytes) -> None:
    step, failure = await _log_in({b"AUTHENTICATE": _refusing(challenge, b"NO no")})
    assert failure is not None
    assert failure.code is FailureCode.AUTH_TOKEN_REFUSED
    assert "status" not in step.detail


async def test_without_initial_responses_the_token_waits_to_be_asked_for() -> None:
    async def answer(peer: Peer, tag: bytes) -> None:
        await peer.send(b"+ ")
        assert await peer.line() == MESSAGE + b"\r\n"
        await peer.send(tag + b" OK welcome")

    step, failure = await _log_in({b"AUTHENTICATE": answer}, initial=False)
    assert failure is None
    assert step.detail["mechanism"] == "XOAUTH2"


async def test_a_server_that_quotes_the_token_does_not_show_it() -> None:
    step, failure = await _log_in({b"AUTHENTICATE": b"NO what is " + MESSAGE + b"?"})
    assert failure is not None
    assert MESSAGE.decode() not in (step.server_reply or "")
    assert "what is" in (step.server_reply or "")


def test_endless_challenges_end_it() -> None:
    exchange = Xoauth2(LOGIN)
    assert base64.b64encode(exchange(b"")) == MESSAGE
    assert exchange(b"{}") == b""
    with pytest.raises(MailFailure) as raised:
        exchange(b"{}")
    assert raised.value.code is FailureCode.PROTOCOL_VIOLATION
