"""A sending server that means harm ends the talk under a name, and is told no secret it should not know."""

import asyncio
import tracemalloc

import pytest
import trustme

from mail_transport.smtp.session import Session
from tests.mail_transport.smtp_talk import EHLO, SECRET, Talk, smtp_script
from tests.servers.certificates import valid
from tests.servers.hostile import Peer, Script, hostile_server
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Encryption

MICROSOFT = b"535 5.7.139 Authentication unsuccessful, "
STARTTLS = (b"250-mail.example.test", b"250-STARTTLS", b"250 AUTH PLAIN LOGIN")
MOST_GROWTH = 8 * 1024 * 1024


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait for a greeting is some tenths of a second."""
    monkeypatch.setattr("mail_transport.smtp.opening._GREETING_SECONDS", 0.3)
    monkeypatch.setattr("mail_transport.smtp.opening._PROBE_SECONDS", 0.1)


async def _failure(
    script: Script, encryption: Encryption = Encryption.NONE
) -> tuple[FailureCode, Talk, bytes]:
    async with hostile_server(script) as server, asyncio.timeout(30):
        talk = Talk(server.port, encryption)
        return await talk.failure(), talk, server.heard


async def _silent(peer: Peer) -> None:
    await peer.until_closed()


async def _dripping(peer: Peer) -> None:
    await peer.send_raw(b"220 ")
    while True:
        await peer.send_raw(b"x")
        await asyncio.sleep(0.05)


async def _endless_line(peer: Peer) -> None:
    while True:
        await peer.send_raw(b"x" * 65536)


async def _endless_reply(peer: Peer) -> None:
    while True:
        await peer.send(*[b"220-" + b"x" * 500] * 100)


async def _hangs_up(peer: Peer) -> None:
    await peer.send_raw(b"")


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize(
    ("script", "code"),
    [
        (_silent, FailureCode.GREETING_MISSING),
        (_dripping, FailureCode.GREETING_MISSING),
        (_hangs_up, FailureCode.CONNECTION_CLOSED),
        (smtp_script(greeting=b"554 no service for you"), FailureCode.GREETING_REFUSED),
        (smtp_script(greeting=b"421 too many connections"), FailureCode.GREETING_REFUSED),
        (smtp_script(greeting=b"* OK IMAP4rev1"), FailureCode.GREETING_UNEXPECTED),
        (smtp_script(greeting=b"+OK POP3"), FailureCode.GREETING_UNEXPECTED),
        (smtp_script(greeting=b"250 hello"), FailureCode.GREETING_UNEXPECTED),
        (smtp_script(b"502 what?", ehlo=(b"502 what?",)), FailureCode.GREETING_REFUSED),
        (smtp_script(ehlo=(b"554 no service for you",)), FailureCode.GREETING_REFUSED),
        (smtp_script(ehlo=(b"250-a", b"220 b")), FailureCode.PROTOCOL_VIOLATION),
        (smtp_script(ehlo=(b"2500 a",)), FailureCode.PROTOCOL_VIOLATION),
    ],
)
async def test_each_bad_start_has_a_name(script: Script, code: FailureCode) -> None:
    assert (await _failure(script))[0] is code


async def test_a_server_that_waits_for_tls_is_told_from_a_silent_one(
    ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail_transport.smtp.opening._GREETING_SECONDS", 0.3)
    async with hostile_server(_silent, certificate=valid(ca)) as server, asyncio.timeout(30):
        assert await Talk(server.port).failure() is FailureCode.TLS_EXPECTED_BY_SERVER


@pytest.mark.parametrize("code", [500, 501, 502, 504, 550])
async def test_a_server_that_knows_no_ehlo_is_greeted_by_helo(code: int) -> None:
    script = smtp_script(b"250-mail.example.test\r\n250 AUTH PLAIN", ehlo=(b"%d what?" % code,))
    async with hostile_server(script) as server, asyncio.timeout(30):
        talk = Talk(server.port, authentication=None)
        await talk.run()
    assert server.heard == b"EHLO [127.0.0.1]\r\nHELO [127.0.0.1]\r\n"
    assert talk.last.step is StepName.SMTP_CAPABILITIES
    assert talk.last.detail["capabilities"] == []  # which HELO never announces, whatever it says


@pytest.mark.parametrize(
    ("encryption", "code"),
    [
        (Encryption.STARTTLS, FailureCode.TLS_NOT_OFFERED),
        (Encryption.NONE, FailureCode.AUTH_MECHANISM_NOT_OFFERED),
    ],
)
async def test_what_helo_does_not_offer_is_not_done_without(
    encryption: Encryption, code: FailureCode
) -> None:
    script = smtp_script(b"250-mail.example.test\r\n250-STARTTLS\r\n250 AUTH PLAIN", ehlo=(b"502 what?",))
    failure, _, heard = await _failure(script, encryption)
    assert failure is code
    assert heard == b"EHLO [127.0.0.1]\r\nHELO [127.0.0.1]\r\n"


@pytest.mark.parametrize("hangs_up", [True, False], ids=["hangs up", "is silent"])
async def test_whoever_says_no_more_is_told_by_the_refusal(
    monkeypatch: pytest.MonkeyPatch, *, hangs_up: bool
) -> None:
    monkeypatch.setattr(Session.command, "__defaults__", (0.3,))

    async def blocking(peer: Peer) -> None:
        await peer.send(b"220 mail.example.test")
        await peer.line()
        await peer.send(b"550 5.7.1 you are blocked")
        if not hangs_up:
            await peer.until_closed()

    failure, talk, _ = await _failure(blocking)
    assert failure is FailureCode.GREETING_REFUSED
    assert talk.last.server_reply == "550 5.7.1 you are blocked"


@pytest.mark.parametrize("script", [_endless_line, _endless_reply])
async def test_no_flood_fills_the_memory(script: Script) -> None:
    tracemalloc.start()
    try:
        code, _, _ = await _failure(script)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert code in {FailureCode.PROTOCOL_LIMIT_EXCEEDED, FailureCode.GREETING_UNEXPECTED}
    assert peak < MOST_GROWTH


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (smtp_script(), FailureCode.TLS_NOT_OFFERED),
        (smtp_script(b"454 4.7.0 TLS not available", ehlo=STARTTLS), FailureCode.TLS_NOT_OFFERED),
        (smtp_script(b"220 go\r\n250 AUTH PLAIN", ehlo=STARTTLS), FailureCode.PROTOCOL_VIOLATION),
        (smtp_script(b"220 go", ehlo=STARTTLS), FailureCode.REPLY_TIMED_OUT),
    ],
    ids=["stripped", "refused", "injected", "no handshake"],
)
async def test_without_tls_no_secret_is_sent(
    script: Script, code: FailureCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail_transport.tls.handshake.__defaults__", (0.3,))
    failure, talk, heard = await _failure(script, Encryption.STARTTLS)
    assert (failure, talk.last.step) == (code, "smtp_tls")
    assert b"AUTH" not in heard


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"535 5.7.8 bad credentials", FailureCode.AUTH_INVALID_CREDENTIALS),
        (b"535 no", FailureCode.AUTH_INVALID_CREDENTIALS),
        (b"534 5.7.9 Application-specific password required", FailureCode.AUTH_APP_PASSWORD_NEEDED),
        (b"534 5.7.9 stronger mechanism needed", FailureCode.AUTH_APP_PASSWORD_NEEDED),
        (
            MICROSOFT + b"SmtpClientAuthentication is disabled for the Mailbox.",
            FailureCode.AUTH_SMTP_DISABLED_FOR_MAILBOX,
        ),
        (
            MICROSOFT + b"SmtpClientAuthentication is disabled for the Tenant.",
            FailureCode.AUTH_SMTP_DISABLED_FOR_TENANT,
        ),
        (MICROSOFT + b"basic authentication is disabled.", FailureCode.AUTH_BASIC_DISABLED),
        (MICROSOFT + b"the user credentials were incorrect.", FailureCode.AUTH_INVALID_CREDENTIALS),
        (MICROSOFT + b"contact your administrator.", FailureCode.AUTH_BASIC_DISABLED),
        (b"550 5.7.30 Basic authentication is not supported", FailureCode.AUTH_BASIC_DISABLED),
        (b"454 4.7.0 temporary failure", FailureCode.AUTH_TEMPORARILY_UNAVAILABLE),
        (b"421 closing", FailureCode.AUTH_TEMPORARILY_UNAVAILABLE),
        (b"530 5.7.0 Must issue a STARTTLS command first", FailureCode.AUTH_MECHANISM_NOT_OFFERED),
        (b"538 5.7.11 encryption needed", FailureCode.AUTH_MECHANISM_NOT_OFFERED),
        (b"504 5.5.4 unknown", FailureCode.AUTH_MECHANISM_NOT_OFFERED),
        (b"535 5.7.0 account is locked", FailureCode.AUTH_ACCOUNT_LOCKED),
    ],
)
async def test_each_refusal_of_a_login_has_a_name(answer: bytes, code: FailureCode) -> None:
    failure, talk, _ = await _failure(smtp_script(answer))
    assert (failure, talk.last.step) == (code, "smtp_authenticate")
    assert talk.last.server_reply == answer.decode()


async def test_what_a_server_repeats_of_a_login_is_masked() -> None:
    echo = b"535 you said AHgAczNjcmV0LW9mLXg= and " + SECRET.encode()
    _, talk, heard = await _failure(smtp_script(echo))
    assert b"AUTH PLAIN AHgAczNjcmV0LW9mLXg=\r\n" in heard
    assert talk.last.server_reply == "535 you said ••• and •••"


async def test_a_secret_is_not_said_twice() -> None:
    failure, _, heard = await _failure(smtp_script(b"334 ", b"334 "))
    assert failure is FailureCode.PROTOCOL_VIOLATION
    assert heard.count(b"AHgAczNjcmV0LW9mLXg=") == 1


async def test_a_challenge_beyond_all_bounds_is_not_answered() -> None:
    login = (b"250-a", b"250 AUTH LOGIN")
    failure, _, heard = await _failure(smtp_script(b"334 " + b"A" * 20_000, ehlo=login))
    assert failure is FailureCode.PROTOCOL_LIMIT_EXCEEDED
    assert heard.endswith(b"AUTH LOGIN\r\n")


@pytest.mark.parametrize("auth", [(b"250-AUTH LOGIN", b"250 AUTH=LOGIN"), (b"250 AUTH=LOGIN",)])
async def test_login_is_used_where_plain_is_not_offered(auth: tuple[bytes, ...]) -> None:
    script = smtp_script(
        b"334 VXNlcm5hbWU6", b"334 Your password, please", b"235 2.7.0 in", ehlo=(b"250-a", *auth)
    )
    async with hostile_server(script) as server, asyncio.timeout(30):
        talk = Talk(server.port)
        await talk.run()
        assert talk.last.detail["mechanism"] == "LOGIN"
        assert server.heard.endswith(b"AUTH LOGIN\r\neA==\r\nczNjcmV0LW9mLXg=\r\n")


async def test_no_known_mechanism_sends_no_password() -> None:
    failure, talk, heard = await _failure(smtp_script(ehlo=(EHLO[0], b"250 AUTH GSSAPI XOAUTH2")))
    assert failure is FailureCode.AUTH_MECHANISM_NOT_OFFERED
    assert talk.last.detail["offered"] == ["GSSAPI", "XOAUTH2"]
    assert b"AUTH" not in heard
