"""How a whole look over POP3 begins and ends when something is in its way."""

import asyncio

import pytest

from actor_agent.mail import Wanted
from tests.actor_agent.mail.looking import Look, credentials_of, wanted
from tests.actor_agent.mail.pop3.pop3_script import Pop3Script, header, says
from tests.actor_agent.mail.pop3.targets import pop3_target
from tests.servers.hostile import Peer, hostile_server
from tests.servers.mailbox import Mailbox
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import locator_of, new_code, subject_for

SOMEBODY = credentials_of(Mailbox("x@example.test", "x", "s3cret"))


async def test_a_mailbox_that_another_actor_just_reads_is_waited_for() -> None:
    code = new_code()
    script = Pop3Script([("a", header(subject_for(code)))])

    async def in_use_once(peer: Peer, _argument: bytes) -> None:
        del script.answers[b"STAT"]
        await peer.send(b"-ERR [IN-USE] locked")

    script.answers[b"STAT"] = in_use_once
    async with hostile_server(script) as server, asyncio.timeout(20):
        look = Look(pop3_target(server.port), SOMEBODY, wanted(code))
        assert (await look.found()).codes == (code,)
    opened = look.step(StepName.OPEN_MAILBOX)
    assert (opened.outcome, opened.code) == (StepOutcome.FAILED, FailureCode.MAILBOX_IN_USE)
    assert look.step_names[-2:] == ["search", "found"]


@pytest.mark.parametrize(
    ("unasked", "code"),
    [
        (b"-ERR [SYS/TEMP] Internal error occurred.", FailureCode.MAILBOX_UNAVAILABLE),
        (b"-ERR [IN-USE] locked", FailureCode.MAILBOX_IN_USE),
        (b"+OK 1 100", FailureCode.PROTOCOL_VIOLATION),
    ],
)
async def test_a_mailbox_that_fails_on_the_heels_of_the_login_is_told(
    unasked: bytes, code: FailureCode
) -> None:
    script = Pop3Script(capabilities=("USER",), answers={b"PASS": says(b"+OK Logged in.", unasked)})
    async with hostile_server(script) as server:
        look = Look(pop3_target(server.port), SOMEBODY)
        assert await look.failure() is code
    assert look.step(StepName.AUTHENTICATE).outcome is StepOutcome.OK
    assert b"STAT" not in script.commands


@pytest.mark.parametrize(
    ("verb", "answer"), [(b"DELE", b"-ERR read-only"), (b"QUIT", b"-ERR some messages were not removed")]
)
async def test_a_deletion_that_fails_is_a_warning(verb: bytes, answer: bytes) -> None:
    code = new_code()
    script = Pop3Script([("a", header(subject_for(code)))], answers={verb: says(answer)})
    async with hostile_server(script) as server:
        look = Look(pop3_target(server.port, delete=True), SOMEBODY, wanted(code))
        assert (await look.found()).codes == (code,)
    assert FailureCode.MESSAGE_NOT_DELETED in look.warnings
    assert script.commands[-2:] == [b"DELE 1", b"QUIT"]


async def test_what_an_earlier_verification_left_is_neither_reported_nor_deleted() -> None:
    code, earlier = new_code(), new_code()
    messages = [("a", header(subject_for(code))), ("b", header(subject_for(earlier)))]
    script = Pop3Script(messages)
    sought = Wanted(locator_of(code), earlier_locators=(locator_of(earlier),))
    async with hostile_server(script) as server:
        look = Look(pop3_target(server.port, delete=True), SOMEBODY, sought)
        assert (await look.found()).codes == (code,)
    assert [command for command in script.commands if command.startswith(b"DELE")] == [b"DELE 1"]


async def test_cancelling_closes_the_connection_at_once() -> None:
    arrived, left = asyncio.Event(), asyncio.Event()

    async def hold(peer: Peer, _argument: bytes) -> None:
        arrived.set()
        await peer.until_closed()
        left.set()

    script = Pop3Script([("a", header("x"))], answers={b"TOP": hold})
    async with hostile_server(script) as server, asyncio.timeout(10):
        look = Look(pop3_target(server.port), SOMEBODY, wanted(new_code()))
        looking = asyncio.create_task(look.run())
        await arrived.wait()
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        await left.wait()
    assert b"QUIT" not in server.heard


async def test_no_command_ever_retrieves_a_message() -> None:
    code = new_code()
    script = Pop3Script([("a", header(subject_for(code))), ("b", header("x"))])
    async with hostile_server(script) as server:
        await Look(pop3_target(server.port), SOMEBODY, wanted(code)).found()
    assert {command.split()[0] for command in script.commands} == {
        *(b"CAPA", b"AUTH", b"STAT", b"UIDL", b"TOP", b"QUIT")
    }
    assert {command.split()[-1] for command in script.commands if command.startswith(b"TOP")} == {b"0"}
