"""Against a POP3 server that means harm, a look ends under a name, in bounded time and memory."""

import asyncio
import tracemalloc

import pytest

from actor_agent.mail.pop3.session import Session
from mail_transport.connecting import connect
from mail_transport.journal import Journal
from tests.actor_agent.mail.looking import HERE, Look, credentials_of, wanted
from tests.actor_agent.mail.pop3.pop3_script import Answer, Pop3Script, header, says
from tests.actor_agent.mail.pop3.targets import pop3_target
from tests.servers.hostile import Peer, Script, hostile_server
from tests.servers.mailbox import Mailbox
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Encryption
from wire_contract.verification_code import new_code, subject_for

PASSWORD = "s3cret-of-x"
SOMEBODY = credentials_of(Mailbox("x@example.test", "x", PASSWORD))
MOST_GROWTH = 16 * 1024 * 1024


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of time are some tenths of a second."""
    for limit in ("opening.REPLY_SECONDS", "session.REPLY_SECONDS", "maildrop.SLOW_REPLY_SECONDS"):
        monkeypatch.setattr(f"actor_agent.mail.pop3.{limit}", 0.3)
    monkeypatch.setattr("actor_agent.mail.pop3.opening._PROBE_SECONDS", 0.1)
    monkeypatch.setattr("actor_agent.mail.pop3.maildrop.CLOSE_SECONDS", 0.1)


async def _failure(script: Script, encryption: Encryption = Encryption.NONE) -> tuple[FailureCode, bytes]:
    """Return how a look ends, and all that the server heard of it."""
    async with hostile_server(script) as server, asyncio.timeout(60):
        look = Look(pop3_target(server.port, encryption), SOMEBODY, wanted(new_code()))
        code = await look.failure()
        assert PASSWORD not in repr(look.journal.steps)
        return code, server.heard


async def _silent(peer: Peer) -> None:
    await peer.until_closed()


async def test_time_that_runs_out_before_the_mailbox_stands_shows_in_the_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actor_agent.mail.pop3.maildrop.SESSION_SECONDS", 0.2)
    async with hostile_server(_silent) as server:
        look = Look(pop3_target(server.port), SOMEBODY, wanted(new_code()))
        assert await look.failure() is FailureCode.REPLY_TIMED_OUT
    assert look.step_names == ["resolve", "connect", "greeting"]


async def _dripping(peer: Peer) -> None:
    await peer.send_raw(b"+OK ")
    while True:
        await peer.send_raw(b"x")
        await asyncio.sleep(0.05)


async def _endless(peer: Peer, _argument: bytes = b"") -> None:
    while True:
        await peer.send_raw(b"x" * 65536)


async def _endless_lines(peer: Peer, _argument: bytes) -> None:
    await peer.send(b"+OK")
    while True:
        await peer.send_raw(b"X-Line: and another\r\n" * 1000)


async def _endless_line_of_lines(peer: Peer, argument: bytes) -> None:
    await peer.send(b"+OK")
    await _endless(peer, argument)


async def _closing_early(peer: Peer) -> None:
    await peer.send_raw(b"+OK rea")


async def _closing(peer: Peer, _argument: bytes) -> None:
    await peer.send_raw(b"+OK\r\nhalf a li")
    peer.writer.close()


async def _never(_peer: Peer, _argument: bytes) -> None:
    pass


async def _web_server(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 400 Bad Request", b"")
    await peer.until_closed()


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize(
    ("script", "code"),
    [
        (_silent, FailureCode.GREETING_MISSING),
        (_dripping, FailureCode.GREETING_MISSING),
        (_endless, FailureCode.PROTOCOL_LIMIT_EXCEEDED),
        (_closing_early, FailureCode.CONNECTION_CLOSED),
        (_web_server, FailureCode.GREETING_UNEXPECTED),
        (Pop3Script(greeting=b"-ERR too many connections"), FailureCode.GREETING_REFUSED),
    ],
)
async def test_each_bad_start_has_a_name(script: Script, code: FailureCode) -> None:
    assert (await _failure(script))[0] is code


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize(
    ("verb", "answer", "code"),
    [
        (b"CAPA", _endless_lines, FailureCode.PROTOCOL_LIMIT_EXCEEDED),
        (b"CAPA", _never, FailureCode.REPLY_TIMED_OUT),
        (b"AUTH", says(b"+OK come in without"), FailureCode.PROTOCOL_VIOLATION),
        (b"AUTH", _closing, FailureCode.PROTOCOL_VIOLATION),
        (b"STAT", _never, FailureCode.REPLY_TIMED_OUT),
        (b"STAT", says(b"+OK many"), FailureCode.PROTOCOL_VIOLATION),
        (b"STAT", says(b"+OK " + b"9" * 60000 + b" 1"), FailureCode.PROTOCOL_VIOLATION),
        (b"STAT", says(b"-ERR the disk is gone"), FailureCode.MAILBOX_UNAVAILABLE),
        (b"STAT", says(b"* 1 EXISTS"), FailureCode.PROTOCOL_VIOLATION),
        (b"STAT", says(b"+OK 1 1", b"+OK an answer to nothing"), FailureCode.PROTOCOL_VIOLATION),
        (b"UIDL", _endless, FailureCode.PROTOCOL_LIMIT_EXCEEDED),
        (b"TOP", _endless_lines, FailureCode.PROTOCOL_LIMIT_EXCEEDED),
        (b"TOP", _endless_line_of_lines, FailureCode.PROTOCOL_LIMIT_EXCEEDED),
        (b"TOP", _closing, FailureCode.CONNECTION_CLOSED),
        (b"TOP", _never, FailureCode.REPLY_TIMED_OUT),
        (b"TOP", says(b"+OK", b"Subject: x"), FailureCode.REPLY_TIMED_OUT),
        (b"TOP", says(b"+OK", b".", b"+OK more"), FailureCode.PROTOCOL_VIOLATION),
    ],
)
async def test_each_bad_answer_has_a_name(verb: bytes, answer: Answer, code: FailureCode) -> None:
    assert (await _failure(Pop3Script([("a", header("x"))], answers={verb: answer})))[0] is code


@pytest.mark.parametrize("answer", [_endless_lines, _endless_line_of_lines])
async def test_memory_does_not_follow_what_the_server_sends(answer: Answer) -> None:
    tracemalloc.start()
    try:
        code, _ = await _failure(Pop3Script([("a", header("x"))], answers={b"TOP": answer}))
        assert code is FailureCode.PROTOCOL_LIMIT_EXCEEDED
        assert tracemalloc.get_traced_memory()[1] < MOST_GROWTH
    finally:
        tracemalloc.stop()


async def test_a_server_without_top_is_named_at_once() -> None:
    messages = [(str(number), header("x")) for number in range(20)]
    script = Pop3Script(messages, ("UIDL", "USER", "SASL PLAIN"), {b"TOP": says(b"-ERR unknown command")})
    assert (await _failure(script))[0] is FailureCode.PROTOCOL_VIOLATION
    assert script.commands.count(b"TOP 20 0") == 1
    assert b"TOP 19 0" not in script.commands


async def test_a_mailbox_that_shows_no_header_is_no_empty_mailbox() -> None:
    messages = [(str(number), header("x")) for number in range(20)]
    script = Pop3Script(messages, answers={b"TOP": says(b"-ERR not now")})
    assert (await _failure(script))[0] is FailureCode.MAILBOX_UNAVAILABLE


async def test_a_server_that_sends_the_body_too_is_read_no_further_than_its_header() -> None:
    code = new_code()
    body = b"..Subject: (stuffed)\r\n" * 40_000
    script = Pop3Script([("a", header(subject_for(code)) + body), ("b", header("x") + body)])
    async with hostile_server(script) as server:
        found = await Look(pop3_target(server.port), SOMEBODY, wanted(code)).found()
    assert found.codes == (code,)


async def test_an_answer_that_arrives_all_at_once_is_no_excess() -> None:
    async with hostile_server(_silent) as server:
        channel = await connect(server.host, server.port, HERE, Journal())
        # One read of a socket may give 256 KiB on top of what is pending: more than a literal may be.
        channel.data_received(b"x" * 60_000)
        channel.data_received(b"x" * 256 * 1024 + b"\r\n.\r\n")
        assert len(await Session(channel)._lines()) == 1
        channel.abort()


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (Pop3Script(), FailureCode.TLS_NOT_OFFERED),
        (Pop3Script(capabilities=None), FailureCode.TLS_NOT_OFFERED),
        (
            Pop3Script(capabilities=["STLS", "USER"], answers={b"STLS": says(b"-ERR not now")}),
            FailureCode.TLS_NOT_OFFERED,
        ),
        (
            Pop3Script(capabilities=["STLS"], answers={b"STLS": says(b"+OK begin", b"+OK", b"USER", b".")}),
            FailureCode.PROTOCOL_VIOLATION,
        ),
        (
            Pop3Script(capabilities=["STLS"], answers={b"STLS": _closing}),
            FailureCode.PROTOCOL_VIOLATION,
        ),
    ],
)
async def test_without_true_tls_nothing_secret_is_sent(script: Pop3Script, code: FailureCode) -> None:
    failed, heard = await _failure(script, Encryption.STARTTLS)
    assert failed is code
    assert not [verb for verb in (b"AUTH", b"USER", b"PASS") if verb in heard]
