"""The outgoing server beside the mailbox: what is wrong with it is a warning, and it keeps nobody waiting."""

import asyncio
import socket
import time
from typing import NoReturn

import pytest

from actor_agent.mail import SearchWindow
from actor_agent.mail.outgoing import outgoing_tested
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.journal import Journal
from mail_transport.smtp.opening import Opening
from tests.actor_agent.mail.looking import Look, credentials_of, dovecot_target, wanted
from tests.servers.hostile import Peer, hostile_server
from tests.servers.mail_servers import MailServers
from tests.servers.mailbox import Mailbox
from tests.servers.ports import HOST
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, Encryption, MailServer, MailTarget, PasswordCredentials
from wire_contract.verification_code import new_code, subject_for

SMTP_STEPS = ["smtp_resolve", "smtp_connect", "smtp_tls", "smtp_greeting", "smtp_capabilities"]
MAILBOX_STEPS = ["resolve", "connect", "tls", "greeting", "capabilities", "authenticate", "open_mailbox"]


def _look(servers: MailServers, mailbox: Mailbox, outgoing: MailServer, code: str | None = None) -> Look:
    target = dovecot_target(servers.dovecot).model_copy(update={"outgoing": outgoing})
    return Look(target, credentials_of(mailbox), wanted(code) if code else None)


def _smtps(servers: MailServers, authentication: Authentication | None = Authentication.PLAIN) -> MailServer:
    return MailServer(
        host=HOST,
        port=servers.postfix.ports.smtps,
        encryption=Encryption.SSL_TLS,
        authentication=authentication,
    )


def _unencrypted(port: int) -> MailServer:
    return MailServer(host=HOST, port=port, encryption=Encryption.NONE, authentication=Authentication.PLAIN)


async def _silent(peer: Peer) -> None:
    await peer.until_closed()


async def _refusing(peer: Peer) -> None:
    await peer.send(b"220 mail.example.test")
    await peer.line()
    await peer.send(b"250-mail.example.test", b"250 AUTH PLAIN")
    await peer.line()
    await peer.send(b"535 5.7.8 wrong password")
    await peer.until_closed()


async def test_both_servers_are_tested_in_one_check(mail_servers: MailServers) -> None:
    mailbox, code = mail_servers.add_user(), new_code()
    mail_servers.deliver(mailbox, subject_for(code))
    look = _look(mail_servers, mailbox, _smtps(mail_servers), code)
    assert (await look.found()).codes == (code,)
    assert look.step_names == [*MAILBOX_STEPS, "search", "found", *SMTP_STEPS, "smtp_authenticate"]
    assert {step.outcome for step in look.journal.steps} == {StepOutcome.OK}
    assert look.warnings == []


async def test_a_refused_password_is_a_warning_on_a_code_that_is_found(mail_servers: MailServers) -> None:
    mailbox, code = mail_servers.add_user(), new_code()
    mail_servers.deliver(mailbox, subject_for(code))
    async with hostile_server(_refusing) as server:
        look = _look(mail_servers, mailbox, _unencrypted(server.port), code)
        assert (await look.found()).codes == (code,)
    step = look.step(StepName.SMTP_AUTHENTICATE)
    assert (step.outcome, step.code) == (StepOutcome.FAILED, FailureCode.AUTH_INVALID_CREDENTIALS)
    assert step.server_reply == "535 5.7.8 wrong password"
    assert look.warnings == [FailureCode.AUTH_WITHOUT_ENCRYPTION, FailureCode.AUTH_INVALID_CREDENTIALS]
    assert look.journal.warnings[1].detail == f"outgoing server {HOST}:{server.port}"


async def test_a_real_servers_refusal_is_a_warning_too(mail_servers: MailServers) -> None:
    mailbox, code = mail_servers.add_user(), new_code()
    mail_servers.deliver(mailbox, subject_for(code))
    outgoing = _smtps(mail_servers, Authentication.NTLM)
    look = _look(mail_servers, mailbox, outgoing, code)
    assert (await look.found()).codes == (code,)
    assert look.warnings == [FailureCode.AUTH_MECHANISM_NOT_OFFERED]


async def test_a_server_without_login_is_only_greeted(mail_servers: MailServers) -> None:
    look = _look(mail_servers, mail_servers.add_user(), _smtps(mail_servers, None))
    assert await look.run() is None
    assert look.step_names == [*MAILBOX_STEPS, *SMTP_STEPS, "smtp_authenticate"]
    assert look.step(StepName.SMTP_AUTHENTICATE).outcome is StepOutcome.SKIPPED
    assert look.warnings == []


async def test_a_port_that_nobody_listens_on_is_a_warning(mail_servers: MailServers) -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    look = _look(mail_servers, mail_servers.add_user(), _unencrypted(port))
    assert await look.run() is None
    assert look.warnings == [FailureCode.TCP_REFUSED]


async def test_a_mailbox_that_is_not_opened_leaves_the_outgoing_server_alone(
    mail_servers: MailServers,
) -> None:
    async with hostile_server(_silent) as server:
        look = _look(mail_servers, mail_servers.add_user(), _unencrypted(server.port))
        look.credentials = credentials_of(mail_servers.add_user(), "not-it")
        assert await look.failure() is FailureCode.AUTH_INVALID_CREDENTIALS
        assert server.peers == []


async def test_a_dead_server_keeps_a_code_back_for_its_few_seconds_alone(
    mail_servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actor_agent.mail.outgoing.IN_A_CHECK", 0.2)
    mailbox, code = mail_servers.add_user(), new_code()
    mail_servers.deliver(mailbox, subject_for(code))
    began = time.monotonic()
    async with hostile_server(_silent) as server:
        look = _look(mail_servers, mailbox, _unencrypted(server.port), code)
        assert (await look.found()).codes == (code,)
    assert time.monotonic() - began < 5
    step = look.step(StepName.SMTP_GREETING)
    assert (step.outcome, step.code) == (StepOutcome.SKIPPED, None)
    assert step.detail == {"reason": "the check ended before this step did"}
    assert look.warnings == []


async def test_a_silent_server_is_named_where_there_is_time(
    mail_servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mail_transport.smtp.opening._GREETING_SECONDS", 0.2)
    monkeypatch.setattr("mail_transport.smtp.opening._PROBE_SECONDS", 0.1)
    async with hostile_server(_silent) as server:
        look = _look(mail_servers, mail_servers.add_user(), _unencrypted(server.port))
        assert await look.run() is None
    assert look.warnings == [FailureCode.GREETING_MISSING]


async def test_its_steps_show_while_the_search_goes_on_and_end_with_it(mail_servers: MailServers) -> None:
    gone = asyncio.Event()

    async def silent(peer: Peer) -> None:
        await peer.until_closed()
        gone.set()

    changed = asyncio.Event()
    async with hostile_server(silent) as server, asyncio.timeout(20):
        look = _look(mail_servers, mail_servers.add_user(), _unencrypted(server.port), new_code())
        look.window = SearchWindow()
        look.journal._on_change = changed.set
        looking = asyncio.create_task(look.run())
        while "smtp_connect" not in look.step_names or not look.journal.searches:
            changed.clear()
            await changed.wait()
        assert look.step_names[-4:] == ["open_mailbox", "search", "smtp_resolve", "smtp_connect"]
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        await gone.wait()


async def _open_and_come_again(look: Look) -> NoReturn:
    assert isinstance(look.target, MailTarget)
    assert isinstance(look.credentials, PasswordCredentials)
    async with outgoing_tested(look.target, look.credentials, look.wanted, look.journal, look.reach.egress):
        with look.journal.step(StepName.OPEN_MAILBOX):
            pass
        raise LookAgain(1)


async def _hand_back(look: Look) -> None:
    with pytest.raises(LookAgain):
        await _open_and_come_again(look)


async def test_a_refused_login_is_not_repeated_by_later_looks_of_a_check(mail_servers: MailServers) -> None:
    async with hostile_server(_refusing) as server:
        look = _look(mail_servers, mail_servers.add_user(), _unencrypted(server.port), new_code())
        await _hand_back(look)
        look.journal = Journal()
        await _hand_back(look)
        assert server.heard.count(b"AUTH PLAIN") == 1
        step = look.step(StepName.SMTP_AUTHENTICATE)
        assert (step.outcome, step.code) == (StepOutcome.SKIPPED, FailureCode.AUTH_INVALID_CREDENTIALS)
        assert look.warnings == [FailureCode.AUTH_INVALID_CREDENTIALS]
        with pytest.raises(MailFailure):  # the check ends, and the next one tries again
            await look.run()
        await _hand_back(look)
        assert server.heard.count(b"AUTH PLAIN") == 2


async def test_without_the_code_the_check_fails_by_that_alone(mail_servers: MailServers) -> None:
    async with hostile_server(_refusing) as server:
        look = _look(mail_servers, mail_servers.add_user(), _unencrypted(server.port), new_code())
        with pytest.raises(MailFailure) as caught:
            await look.run()
    assert caught.value.code is FailureCode.CODE_NOT_FOUND
    assert FailureCode.AUTH_INVALID_CREDENTIALS in look.warnings


async def test_a_defect_in_the_test_spoils_nothing(
    mail_servers: MailServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Opening) -> NoReturn:
        raise RuntimeError("s3cret")

    monkeypatch.setattr(Opening, "open", broken)
    look = _look(mail_servers, mail_servers.add_user(), _smtps(mail_servers))
    assert await look.run() is None
    assert look.warnings == [FailureCode.ACTOR_ERROR]
