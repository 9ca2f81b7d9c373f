"""Servers that slow down guessing hold back their answer to a right password too: a login has a bound of its own."""

import asyncio

import pytest

from mail_transport.imap.session import Session as ImapSession
from mail_transport.smtp.session import Session as SmtpSession
from tests.actor_agent.mail.imap_script import Answer as ImapAnswer
from tests.actor_agent.mail.imap_script import imap_script
from tests.actor_agent.mail.looking import Look, credentials_of, target_of
from tests.actor_agent.mail.pop3.pop3_script import Answer as Pop3Answer
from tests.actor_agent.mail.pop3.pop3_script import Pop3Script
from tests.actor_agent.mail.pop3.targets import pop3_target
from tests.mail_transport.smtp_talk import Talk, smtp_script
from tests.servers.hostile import Peer, Script, hostile_server
from tests.servers.mailbox import Mailbox
from wire_contract.diagnostics import StepName
from wire_contract.failure_codes import FailureCode

SOMEBODY = credentials_of(Mailbox("x@example.test", "x", "s3cret-of-x"))
REPLY_SECONDS = 0.4
SLOW_SECONDS = 0.8
SHORT_SECONDS = 0.2


@pytest.fixture(autouse=True)
def short_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other reply is waited for some tenths of a second."""
    imap = {**(ImapSession.command.__kwdefaults__ or {}), "seconds": REPLY_SECONDS}
    monkeypatch.setattr(ImapSession.command, "__kwdefaults__", imap)
    monkeypatch.setattr("actor_agent.mail.pop3.session.REPLY_SECONDS", REPLY_SECONDS)
    monkeypatch.setattr(SmtpSession.command, "__defaults__", (REPLY_SECONDS,))


def _imap(verb: bytes, said: bytes | None) -> Script:
    async def slowly(peer: Peer, tag: bytes) -> None:
        if said is not None:
            await asyncio.sleep(SLOW_SECONDS)
            await peer.send(tag + said)

    offered = b"* CAPABILITY IMAP4rev1" + (b" AUTH=PLAIN SASL-IR" if verb == b"AUTHENTICATE" else b"")
    answers: dict[bytes, ImapAnswer] = {b"CAPABILITY": [offered], verb: slowly}
    return imap_script(answers)


def _pop3(verb: bytes, said: bytes | None) -> Script:
    async def slowly(peer: Peer, _argument: bytes) -> None:
        if said is None:
            return
        await asyncio.sleep(SLOW_SECONDS)
        if verb == b"AUTH":
            await peer.send(b"+ ")
            await peer.line()
            await asyncio.sleep(SLOW_SECONDS)
        await peer.send(said)

    answers: dict[bytes, Pop3Answer] = {verb: slowly}
    return Pop3Script(
        capabilities=("TOP", "UIDL", "SASL PLAIN" if verb == b"AUTH" else "USER"), answers=answers
    )


LOGINS = pytest.mark.parametrize(
    ("protocol", "verb"),
    [("imap", b"AUTHENTICATE"), ("imap", b"LOGIN"), ("pop3", b"AUTH"), ("pop3", b"PASS")],
)


def _look(protocol: str, port: int) -> Look:
    return Look(target_of(port) if protocol == "imap" else pop3_target(port), SOMEBODY)


@LOGINS
async def test_a_login_may_take_longer_than_another_reply(protocol: str, verb: bytes) -> None:
    script = _imap(verb, b" OK in") if protocol == "imap" else _pop3(verb, b"+OK in")
    async with hostile_server(script) as server, asyncio.timeout(20):
        look = _look(protocol, server.port)
        await look.run()
    assert "open_mailbox" in look.step_names


@LOGINS
async def test_a_login_that_is_never_answered_ends(
    protocol: str, verb: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "mail_transport.imap.login" if protocol == "imap" else "actor_agent.mail.pop3.login"
    monkeypatch.setattr(f"{module}.LOGIN_SECONDS", SHORT_SECONDS)
    script = _imap(verb, None) if protocol == "imap" else _pop3(verb, None)
    async with hostile_server(script) as server, asyncio.timeout(20):
        look = _look(protocol, server.port)
        assert await look.failure() is FailureCode.REPLY_TIMED_OUT
    assert look.step(StepName.AUTHENTICATE).detail["command"] == verb.decode()


@pytest.mark.parametrize("prompts", [0, 2], ids=["PLAIN", "LOGIN"])
async def test_so_it_is_where_mail_is_sent(prompts: int) -> None:
    mechanism = b"LOGIN" if prompts else b"PLAIN"

    async def script(peer: Peer) -> None:
        await peer.send(b"220 mail.example.test")
        await peer.line()
        await peer.send(b"250-mail.example.test", b"250 AUTH " + mechanism)
        for _ in range(prompts):
            await peer.line()
            await peer.send(b"334 ")
        await peer.line()
        await asyncio.sleep(SLOW_SECONDS)
        await peer.send(b"235 in")
        await peer.until_closed()

    async with hostile_server(script) as server, asyncio.timeout(20):
        await Talk(server.port).run()


@pytest.mark.parametrize("prompts", [(), (b"334 ", b"334 ")], ids=["PLAIN", "LOGIN"])
async def test_a_sending_server_that_never_answers_a_login_is_named(
    prompts: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail_transport.smtp.login.LOGIN_SECONDS", SHORT_SECONDS)
    ehlo = (b"250-mail.example.test", b"250 AUTH " + (b"LOGIN" if prompts else b"PLAIN"))
    async with hostile_server(smtp_script(*prompts, ehlo=ehlo)) as server, asyncio.timeout(20):
        assert await Talk(server.port).failure() is FailureCode.REPLY_TIMED_OUT
