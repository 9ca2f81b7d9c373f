"""One Actor that has to do with servers that hold it up does its other checks meanwhile."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import trustme

from actor_agent.state import Enrollment, State
from tests.actor_agent.command import running
from tests.actor_agent.director import HOST, FakeDirector
from tests.actor_agent.hostility.leases import lease_to, result_of
from tests.actor_agent.mail.imap_script import imap_script
from tests.actor_agent.mail.pop3.pop3_script import Pop3Script, header
from tests.servers.certificates import valid
from tests.servers.hostile import Peer, Script, hostile_server, server_context
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import subject_for

CODE = "Ab3_-xyZ" + "A" * 18  # begins with the locator of every lease here
GOOD = Pop3Script([("a", header(subject_for(CODE)))])


async def _silent(peer: Peer) -> None:
    await peer.until_closed()


def _dripping(start: bytes) -> Script:
    async def script(peer: Peer) -> None:
        await peer.send_raw(start)
        while True:
            await asyncio.sleep(1)
            await peer.send_raw(b"x")

    return script


@dataclass(frozen=True)
class Holding:
    """A server that holds an Actor up; `over_tls` is what the profile says, `secured` what the server does."""

    protocol: str
    script: Script
    code: FailureCode
    over_tls: bool = False
    secured: bool = False


HOLDING = (
    Holding("imap", _dripping(b"* OK "), FailureCode.GREETING_MISSING),
    Holding("imap", _dripping(b"* OK hello\r\n* "), FailureCode.REPLY_TIMED_OUT),
    Holding("imap", _silent, FailureCode.REPLY_TIMED_OUT, over_tls=True),
    Holding("pop3", _dripping(b"+OK "), FailureCode.GREETING_MISSING),
    Holding("pop3", _dripping(b"+OK "), FailureCode.GREETING_MISSING, over_tls=True, secured=True),
    Holding("smtp", _silent, FailureCode.GREETING_MISSING),
    Holding("smtp", _dripping(b"220 "), FailureCode.GREETING_MISSING, over_tls=True, secured=True),
)


async def test_a_good_check_ends_while_bad_servers_hold_the_others_up(
    director: FakeDirector, state: State, enrollment: Enrollment, ca: trustme.CA
) -> None:
    authority, context = ca.cert_pem.bytes().decode(), server_context(valid(ca))
    held: list[tuple[dict[str, Any], FailureCode]] = []
    async with AsyncExitStack() as stack:
        imap_port = (await stack.enter_async_context(hostile_server(imap_script()))).port
        good = lease_to(enrollment, "pop3", (await stack.enter_async_context(hostile_server(GOOD))).port)
        await stack.enter_async_context(running(state.folder, ACTOR_EGRESS_ALLOW=HOST, ACTOR_CAPACITY="8"))
        for each in HOLDING:
            serving = hostile_server(each.script, context=context if each.secured else None)
            port = (await stack.enter_async_context(serving)).port
            given = lease_to(
                enrollment, each.protocol, port, ca=authority if each.over_tls else None, imap_port=imap_port
            )
            held.append((given, each.code))
            await director.give(given)
        await director.give(good)
        assert (await result_of(director, good)).failure_code is None
        assert set(director.results) == {good["id"]}
        for given, code in held:
            assert code in {step.code for step in (await result_of(director, given)).diagnostics}
