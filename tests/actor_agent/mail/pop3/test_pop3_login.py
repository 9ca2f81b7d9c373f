"""How a login goes over the wire, and what its refusals mean."""

import asyncio
import base64
import socket

import pytest
from pydantic import SecretStr

from tests.actor_agent.mail.looking import Look
from tests.actor_agent.mail.pop3.pop3_script import CAPABILITIES, Answer, Pop3Script, says
from tests.actor_agent.mail.pop3.targets import pop3_target
from tests.servers.hostile import Peer, hostile_server
from tests.servers.ports import HOST
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, PasswordCredentials

USERNAME, PASSWORD = "CORP\\carl", 'a "b" {1} ☃ '
BY_USER = ("TOP", "UIDL", "USER")


def _look(port: int, password: str = PASSWORD, authentication: Authentication = Authentication.PLAIN) -> Look:
    credentials = PasswordCredentials(username=USERNAME, password=SecretStr(password))
    return Look(pop3_target(port, authentication=authentication), credentials)


@pytest.mark.parametrize("capabilities", [BY_USER, None, ("USER", "SASL CRAM-MD5")])
async def test_user_and_pass_are_sent_as_they_are(capabilities: tuple[str, ...] | None) -> None:
    script = Pop3Script(capabilities=capabilities)
    async with hostile_server(script) as server:
        look = _look(server.port)
        await look.run()
    assert script.commands == [
        b"CAPA",
        b"USER CORP\\carl",
        b"PASS " + PASSWORD.encode(),
        b"STAT",
        b"QUIT",
    ]
    assert look.step(StepName.AUTHENTICATE).detail["mechanism"] == "USER"
    assert look.warnings == [FailureCode.AUTH_WITHOUT_ENCRYPTION]


async def test_sasl_plain_is_preferred() -> None:
    async with hostile_server(Pop3Script()) as server:
        await _look(server.port).run()
    assert base64.b64encode(f"\0{USERNAME}\0{PASSWORD}".encode()) in server.heard
    assert b"PASS" not in server.heard


@pytest.mark.parametrize("capabilities", [CAPABILITIES, BY_USER])
@pytest.mark.parametrize("password", ["x\r\nDELE 1", "x\nDELE 1", "x\0y"])
async def test_a_password_never_injects_a_line(capabilities: tuple[str, ...], password: str) -> None:
    async with hostile_server(Pop3Script(capabilities=capabilities)) as server:
        assert await _look(server.port, password).failure() is FailureCode.AUTH_INVALID_CREDENTIALS
    assert server.heard == b"CAPA\r\nQUIT\r\n"


@pytest.mark.parametrize(
    ("reply", "step", "code"),
    [
        (b"-ERR no", StepName.AUTHENTICATE, FailureCode.AUTH_INVALID_CREDENTIALS),
        (b"-ERR [AUTH] no", StepName.AUTHENTICATE, FailureCode.AUTH_INVALID_CREDENTIALS),
        (b"-ERR [SYS/TEMP] later", StepName.AUTHENTICATE, FailureCode.AUTH_TEMPORARILY_UNAVAILABLE),
        (b"-ERR [SYS/PERM] never", StepName.AUTHENTICATE, FailureCode.MAILBOX_UNAVAILABLE),
        (b"-ERR [LOGIN-DELAY] wait", StepName.AUTHENTICATE, FailureCode.MAILBOX_IN_USE),
        (b"-ERR [in-use] locked", StepName.OPEN_MAILBOX, FailureCode.MAILBOX_IN_USE),
        (
            b"-ERR [AUTH] Application-specific password required",
            StepName.AUTHENTICATE,
            FailureCode.AUTH_APP_PASSWORD_NEEDED,
        ),
        (
            b"-ERR Logon failure: basic authentication is disabled.",
            StepName.AUTHENTICATE,
            FailureCode.AUTH_BASIC_DISABLED,
        ),
        (
            b"-ERR [SYS/PERM] Your account is not enabled for POP access. Please visit your Gmail settings page and enable your account for POP access.",
            StepName.AUTHENTICATE,
            FailureCode.AUTH_PROTOCOL_DISABLED,
        ),
        (
            b"-ERR Maximum number of connections from user+IP exceeded (mail_max_userip_connections=3)",
            StepName.AUTHENTICATE,
            FailureCode.AUTH_TEMPORARILY_UNAVAILABLE,
        ),
        (b"+ once more", StepName.AUTHENTICATE, FailureCode.PROTOCOL_VIOLATION),
    ],
)
async def test_each_refusal_has_its_code(reply: bytes, step: StepName, code: FailureCode) -> None:
    script = Pop3Script(capabilities=BY_USER, answers={b"PASS": says(reply)})
    async with hostile_server(script) as server:
        look = _look(server.port)
        assert await look.failure() is code
    assert look.journal.steps[-1].step is step
    assert look.step(StepName.AUTHENTICATE).outcome is (
        StepOutcome.FAILED if step is StepName.AUTHENTICATE else StepOutcome.OK
    )


async def test_who_the_server_is_tells_what_it_does_not_say(monkeypatch: pytest.MonkeyPatch) -> None:
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (HOST, 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
    refusal = says(b"-ERR Authentication failure: unknown user name or bad password.")
    async with hostile_server(Pop3Script(answers={b"AUTH": refusal})) as server:
        look = _look(server.port)
        microsoft = pop3_target(server.port).incoming.model_copy(update={"host": "outlook.office365.com"})
        look.target = pop3_target(server.port).model_copy(update={"incoming": microsoft})
        assert await look.failure() is FailureCode.AUTH_BASIC_DISABLED


async def test_a_refused_user_name_is_no_reason_to_send_the_password() -> None:
    script = Pop3Script(capabilities=BY_USER, answers={b"USER": says(b"-ERR [AUTH] who?")})
    async with hostile_server(script) as server:
        assert await _look(server.port).failure() is FailureCode.AUTH_INVALID_CREDENTIALS
    assert b"PASS" not in server.heard


@pytest.mark.parametrize(
    ("authentication", "capabilities"),
    [
        (Authentication.PLAIN, ("TOP", "SASL CRAM-MD5")),
        (Authentication.NTLM, ("USER", "SASL PLAIN")),
    ],
)
async def test_what_is_not_offered_is_not_tried(
    authentication: Authentication, capabilities: tuple[str, ...]
) -> None:
    async with hostile_server(Pop3Script(capabilities=capabilities)) as server:
        look = _look(server.port, authentication=authentication)
        assert await look.failure() is FailureCode.AUTH_MECHANISM_NOT_OFFERED
    assert server.heard == b"CAPA\r\nQUIT\r\n"
    assert look.warnings == []


async def _echoing(peer: Peer, _argument: bytes) -> None:
    await peer.send(b"+ ")
    await peer.send(b"-ERR what is " + (await peer.line()).rstrip())


async def _asking(peer: Peer, _argument: bytes) -> None:
    await peer.send(b"+ ")
    await peer.line()


@pytest.mark.parametrize(
    ("answer", "code"),
    [(_echoing, FailureCode.AUTH_INVALID_CREDENTIALS), (_asking, FailureCode.REPLY_TIMED_OUT)],
)
async def test_the_secret_shows_nowhere(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, code: FailureCode
) -> None:
    monkeypatch.setattr("actor_agent.mail.pop3.login.LOGIN_SECONDS", 0.3)
    async with hostile_server(Pop3Script(answers={b"AUTH": answer})) as server, asyncio.timeout(20):
        look = _look(server.port, "s3cret-of-carl")
        assert await look.failure() is code
    secret = base64.b64encode(f"\0{USERNAME}\0s3cret-of-carl".encode()).decode().rstrip("=")
    assert secret not in repr(look.journal.steps)
    assert "s3cret" not in repr(look.journal.steps)
