"""Against a server that means harm, a look ends under a name, in bounded time and memory."""

import asyncio
import tracemalloc

import pytest

from actor_agent.mail import SearchWindow
from tests.actor_agent.mail.imap_script import CAPABILITIES, Answer, imap_script, shorten_replies
from tests.actor_agent.mail.looking import Look, credentials_of, target_of, wanted
from tests.servers.hostile import Peer, Script, hostile_server
from tests.servers.mailbox import Mailbox
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import new_code

PASSWORD = "s3cret-of-x"
SOMEBODY = credentials_of(Mailbox("x@example.test", "x", PASSWORD))
MOST_GROWTH = 16 * 1024 * 1024


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits of time are some tenths of a second."""
    monkeypatch.setattr("mail_transport.imap.opening.REPLY_SECONDS", 0.3)
    monkeypatch.setattr("mail_transport.imap.opening._PROBE_SECONDS", 0.1)
    shorten_replies(monkeypatch)


async def _failure(script: Script, *, window: SearchWindow | None = None) -> tuple[FailureCode, Look]:
    async with hostile_server(script) as server, asyncio.timeout(60):
        look = Look(target_of(server.port), SOMEBODY, wanted(new_code()))
        look.window = window or look.window
        return await look.failure(), look


async def _silent(peer: Peer) -> None:
    await peer.until_closed()


async def _dripping(peer: Peer) -> None:
    await peer.send_raw(b"* OK ")
    while True:
        await peer.send_raw(b"x")
        await asyncio.sleep(0.05)


async def _endless_line(peer: Peer) -> None:
    while True:
        await peer.send_raw(b"x" * 65536)


async def _closing(peer: Peer) -> None:
    await peer.send_raw(b"* OK rea")


async def _web_server(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 400 Bad Request", b"")
    await peer.until_closed()


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize(
    ("script", "code"),
    [
        (_silent, FailureCode.GREETING_MISSING),
        (_dripping, FailureCode.GREETING_MISSING),
        (_endless_line, FailureCode.PROTOCOL_LIMIT_EXCEEDED),
        (_closing, FailureCode.CONNECTION_CLOSED),
        (_web_server, FailureCode.GREETING_UNEXPECTED),
        (imap_script(greeting=b"* BYE too many connections"), FailureCode.GREETING_REFUSED),
    ],
)
async def test_a_bad_greeting_is_named(script: Script, code: FailureCode) -> None:
    failure, _ = await _failure(script)
    assert failure is code


async def _hangs(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it is never answered
    await peer.until_closed()


async def _huge_literal(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it never gets that far
    await peer.send(b"* 1 FETCH (UID 1 BODY[HEADER.FIELDS (SUBJECT)]<0> {4294967296}")
    await peer.until_closed()


async def _many_untagged(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it never gets that far
    while True:
        await peer.send(*[b"* 1 FETCH (FLAGS ())"] * 1000)


async def _fat_untagged(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it never gets that far
    while True:
        await peer.send(b"* X " + b"y" * 60_000)


async def _many_literals(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it never gets that far
    await peer.send(b"* 1 FETCH (UID 1")
    await peer.send_raw(b"* 2 FETCH (X {1}\r\nx")
    while True:
        await peer.send_raw(b" {1}\r\nx" * 100)


async def _wrong_tag(peer: Peer, tag: bytes) -> None:
    await peer.send(b"Z" + tag + b" OK done")
    await peer.until_closed()


async def _asks_for_more(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it never gets that far
    await peer.send(b"+ go on")
    await peer.until_closed()


@pytest.mark.parametrize("verb", [b"CAPABILITY", b"EXAMINE", b"LIST", b"FETCH"])
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (_huge_literal, FailureCode.PROTOCOL_LIMIT_EXCEEDED),
        (_many_untagged, FailureCode.PROTOCOL_LIMIT_EXCEEDED),
        (_fat_untagged, FailureCode.PROTOCOL_LIMIT_EXCEEDED),
        (_many_literals, FailureCode.PROTOCOL_LIMIT_EXCEEDED),
        (_wrong_tag, FailureCode.PROTOCOL_VIOLATION),
        (_asks_for_more, FailureCode.PROTOCOL_VIOLATION),
    ],
)
async def test_a_bad_answer_is_named_in_bounded_memory(
    verb: bytes, answer: Answer, code: FailureCode
) -> None:
    examined: Answer = [b"* 1 EXISTS", b"* OK [UIDVALIDITY 1] valid"]
    answers = {b"EXAMINE": examined, verb: answer}
    tracemalloc.start()
    try:
        failure, _ = await _failure(imap_script(answers))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Without the list of folders the inbox is searched even so; what breaks the protocol ends that too.
    is_borne = verb == b"LIST" and code is FailureCode.PROTOCOL_LIMIT_EXCEEDED
    assert failure is (FailureCode.CODE_NOT_FOUND if is_borne else code)
    assert peak < MOST_GROWTH


async def _countless_capabilities(peer: Peer, tag: bytes) -> None:
    for first in range(0, 500_000, 9000):
        await peer.send(b"* CAPABILITY " + b" ".join(b"%06d" % n for n in range(first, first + 9000)))
    await peer.send(tag + b" OK done")


async def test_countless_capabilities_are_refused_in_bounded_memory() -> None:
    tracemalloc.start()
    try:
        failure, _ = await _failure(imap_script({b"CAPABILITY": _countless_capabilities}))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert failure is FailureCode.PROTOCOL_LIMIT_EXCEEDED
    assert peak < MOST_GROWTH


async def test_a_connection_that_ends_after_the_login_shows_in_a_step() -> None:
    async def once(peer: Peer, tag: bytes) -> None:
        if any(b"AUTHENTICATE" in line for line in peer.heard):
            raise ConnectionError
        await peer.send(CAPABILITIES, tag + b" OK done")

    failure, look = await _failure(imap_script({b"CAPABILITY": once}))
    assert failure is FailureCode.CONNECTION_CLOSED
    assert look.step_names[-2:] == ["authenticate", "capabilities"]


async def test_time_that_runs_out_before_the_login_shows_in_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actor_agent.mail.imap.looking.SESSION_SECONDS", 0.2)
    failure, look = await _failure(imap_script({b"CAPABILITY": _hangs}))
    assert failure is FailureCode.REPLY_TIMED_OUT
    assert look.step_names == ["resolve", "connect", "greeting", "capabilities"]


@pytest.mark.usefixtures("short_waits")
async def test_a_command_without_an_answer_times_out() -> None:
    failure, look = await _failure(imap_script({b"CAPABILITY": _hangs}))
    assert failure is FailureCode.REPLY_TIMED_OUT
    assert look.step(StepName.CAPABILITIES).detail["command"] == "CAPABILITY"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"NO [AUTHENTICATIONFAILED] no", FailureCode.AUTH_INVALID_CREDENTIALS),
        (b"NO no", FailureCode.AUTH_INVALID_CREDENTIALS),
        (b"NO [UNAVAILABLE] no", FailureCode.AUTH_TEMPORARILY_UNAVAILABLE),
        (b"NO [EXPIRED] no", FailureCode.AUTH_ACCOUNT_LOCKED),
        (b"NO [PRIVACYREQUIRED] no", FailureCode.AUTH_MECHANISM_NOT_OFFERED),
        (b"NO [INUSE] no", FailureCode.MAILBOX_IN_USE),
        (b"NO [AUTHORIZATIONFAILED] no", FailureCode.MAILBOX_NOT_PERMITTED),
        (
            b"NO [ALERT] Application-specific password required: https://support.google.com/",
            FailureCode.AUTH_APP_PASSWORD_NEEDED,
        ),
        (
            b"NO [ALERT] Too many simultaneous connections. (Failure)",
            FailureCode.AUTH_TEMPORARILY_UNAVAILABLE,
        ),
        (
            b"NO [ALERT] Account exceeded command or bandwidth limits. (Failure)",
            FailureCode.AUTH_TEMPORARILY_UNAVAILABLE,
        ),
        (
            b"NO [LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)",
            FailureCode.AUTH_TEMPORARILY_UNAVAILABLE,
        ),
        (b"NO Server Unavailable. 15", FailureCode.AUTH_TEMPORARILY_UNAVAILABLE),
        (
            b"BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds",
            FailureCode.AUTH_TEMPORARILY_UNAVAILABLE,
        ),
        (
            b"NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your account for IMAP access. (Failure)",
            FailureCode.AUTH_PROTOCOL_DISABLED,
        ),
        (b"NO [CONTACTADMIN] IMAP is disabled", FailureCode.AUTH_PROTOCOL_DISABLED),
        (
            b"NO [ALERT] You are yet to enable IMAP for your account. Please contact your administrator",
            FailureCode.AUTH_PROTOCOL_DISABLED,
        ),
        (b"NO LOGIN failed: BasicAuthBlocked", FailureCode.AUTH_BASIC_DISABLED),
        (b"BAD command unknown", FailureCode.PROTOCOL_VIOLATION),
        (b"BAD [CLIENTBUG] command unknown", FailureCode.PROTOCOL_VIOLATION),
        (b"PERHAPS", FailureCode.PROTOCOL_VIOLATION),
        (b"BAD [AUTHENTICATIONFAILED] no", FailureCode.AUTH_INVALID_CREDENTIALS),
        (b"BAD account is locked", FailureCode.AUTH_ACCOUNT_LOCKED),
    ],
)
async def test_a_refused_login_is_told_apart(said: bytes, code: FailureCode) -> None:
    failure, _ = await _failure(imap_script({b"AUTHENTICATE": said}))
    assert failure is code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"NO [NONEXISTENT] none", FailureCode.MAILBOX_NOT_FOUND),
        (b"NO [NOPERM] none", FailureCode.MAILBOX_NOT_PERMITTED),
        (b"NO [INUSE] none", FailureCode.MAILBOX_IN_USE),
        (b"NO disk on fire", FailureCode.MAILBOX_UNAVAILABLE),
        (b"BAD User is authenticated but not connected.", FailureCode.MAILBOX_NOT_PERMITTED),
    ],
)
async def test_a_mailbox_that_does_not_open_is_told_apart(said: bytes, code: FailureCode) -> None:
    failure, look = await _failure(imap_script({b"EXAMINE": said}))
    assert failure is code
    assert look.step(StepName.OPEN_MAILBOX).server_reply == said.decode().partition(" ")[2]


async def test_a_password_that_the_server_repeats_is_masked() -> None:
    said = f"NO no user with {PASSWORD}".encode()
    _, look = await _failure(imap_script({b"AUTHENTICATE": said}))
    assert PASSWORD not in repr(look.journal.steps)
    assert look.step(StepName.AUTHENTICATE).server_reply == "no user with •••"


async def test_a_password_in_a_line_without_an_end_is_masked() -> None:
    async def echo(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it never gets that far
        await peer.send_raw(b"y" * 508 + PASSWORD.encode() + b"z" * 70_000)
        await peer.until_closed()

    failure, look = await _failure(imap_script({b"AUTHENTICATE": echo}))
    assert failure is FailureCode.PROTOCOL_LIMIT_EXCEEDED
    assert "s3c" not in repr(look.journal.steps)


async def test_a_login_that_the_server_forbids_is_not_tried() -> None:
    forbidding = imap_script({b"CAPABILITY": [b"* CAPABILITY IMAP4rev1 LOGINDISABLED"]})
    async with hostile_server(forbidding) as server:
        look = Look(target_of(server.port), SOMEBODY)
        assert await look.failure() is FailureCode.AUTH_MECHANISM_NOT_OFFERED
    assert PASSWORD.encode() not in server.heard
    assert look.warnings == []


async def test_a_password_that_looks_like_a_placeholder_is_sent_whole() -> None:
    somebody = credentials_of(Mailbox("x@example.test", "x", "a{}b"))
    async with hostile_server(imap_script({b"CAPABILITY": [b"* CAPABILITY IMAP4rev1"]})) as server:
        await Look(target_of(server.port), somebody).run()
    assert b'LOGIN "x" "a{}b"\r\n' in server.heard


async def test_sasl_without_an_initial_response_is_spoken() -> None:
    async def exchange(peer: Peer, tag: bytes) -> None:
        await peer.send(b"+ ")
        await peer.line()
        await peer.send(tag + b" OK in")

    plain = imap_script({b"CAPABILITY": [b"* CAPABILITY IMAP4rev1 AUTH=PLAIN"], b"AUTHENTICATE": exchange})
    async with hostile_server(plain) as server:
        await Look(target_of(server.port), SOMEBODY).run()
    assert b"\r\nAHgAczNjcmV0LW9mLXg=\r\n" in server.heard.replace(b"PLAIN\r\n", b"PLAIN\r\n\r\n")


async def test_the_end_of_a_look_is_polite_and_a_cancelled_one_is_quick() -> None:
    async with hostile_server(imap_script()) as server:
        await Look(target_of(server.port), SOMEBODY).run()
    assert server.heard.endswith(b"LOGOUT\r\n")

    started = asyncio.Event()

    async def hangs(peer: Peer, tag: bytes) -> None:  # noqa: ARG001  # it is never answered
        started.set()
        await peer.until_closed()

    async with hostile_server(imap_script({b"EXAMINE": hangs})) as server, asyncio.timeout(5):
        looking = asyncio.create_task(Look(target_of(server.port), SOMEBODY).run())
        await started.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
    assert b"LOGOUT" not in server.heard
