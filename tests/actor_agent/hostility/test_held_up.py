"""One Actor that has to do with servers that hold it up does its other checks meanwhile."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from actor_agent.state import Enrollment, State
from tests.actor_agent.command import running
from tests.actor_agent.director import HOST, FakeDirector
from tests.actor_agent.hostility.leases import lease_to, result_of
from tests.actor_agent.mail.imap_script import imap_script
from tests.actor_agent.mail.pop3.pop3_script import Pop3Script, header
from tests.servers.hostile import Peer, Script, hostile_server
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


HOLDING: dict[tuple[str, str], tuple[Script, FailureCode]] = {
    ("imap", "dripping"): (_dripping(b"* OK "), FailureCode.GREETING_MISSING),
    ("imap", "silent after its greeting"): (_dripping(b"* OK hello\r\n* "), FailureCode.REPLY_TIMED_OUT),
    ("pop3", "dripping"): (_dripping(b"+OK "), FailureCode.GREETING_MISSING),
    ("smtp", "silent"): (_silent, FailureCode.GREETING_MISSING),
    ("smtp", "dripping"): (_dripping(b"220 "), FailureCode.GREETING_MISSING),
}


async def test_a_good_check_ends_while_bad_servers_hold_the_others_up(
    director: FakeDirector, state: State, enrollment: Enrollment
) -> None:
    held: list[tuple[dict[str, Any], FailureCode]] = []
    async with AsyncExitStack() as stack:
        imap_port = (await stack.enter_async_context(hostile_server(imap_script()))).port
        good = lease_to(enrollment, "pop3", (await stack.enter_async_context(hostile_server(GOOD))).port)
        await stack.enter_async_context(running(state.folder, ACTOR_EGRESS_ALLOW=HOST, ACTOR_CAPACITY="8"))
        for (protocol, _), (script, code) in HOLDING.items():
            server = await stack.enter_async_context(hostile_server(script))
            given = lease_to(enrollment, protocol, server.port, imap_port=imap_port)
            held.append((given, code))
            await director.give(given)
        await director.give(good)
        assert (await result_of(director, good)).failure_code is None
        assert set(director.results) == {good["id"]}
        for given, code in held:
            assert code in {step.code for step in (await result_of(director, given)).diagnostics}
