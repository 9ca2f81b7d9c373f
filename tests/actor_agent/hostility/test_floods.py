"""However much a server sends, the Actor's process stays small and names what was wrong."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme

from actor_agent.state import Enrollment, State
from tests.actor_agent.command import running
from tests.actor_agent.director import HOST, FakeDirector
from tests.actor_agent.hostility.floods import BY_PROTOCOL
from tests.actor_agent.hostility.leases import lease_to, result_of, trial_of
from tests.actor_agent.mail.imap_script import imap_script
from tests.servers.certificates import valid
from tests.servers.hostile import hostile_server
from wire_contract.failure_codes import FailureCode
from wire_contract.results import Result

MOST_GROWTH = 16 * 1024


def kilobytes(pid: int, name: str) -> int:
    """A figure of a process's memory (proc(5)): `VmRSS` is what it holds, `VmHWM` the most that it ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


def failures(result: Result) -> set[FailureCode | None]:
    """What failed, be it reading or sending."""
    return {step.code for step in result.diagnostics if step.outcome == "failed"}


@pytest.mark.parametrize("encryption", ["none", "ssl_tls"])
@pytest.mark.parametrize("protocol", list(BY_PROTOCOL))
async def test_floods_end_by_name_in_a_small_process(
    director: FakeDirector,
    state: State,
    enrollment: Enrollment,
    ca: trustme.CA,
    protocol: str,
    encryption: str,
) -> None:
    certificate, authority = valid(ca), ca.cert_pem.bytes().decode()
    tls: dict[str, Any] = {"certificate": certificate} if encryption == "ssl_tls" else {}
    async with AsyncExitStack() as stack:
        imap_port = (await stack.enter_async_context(hostile_server(imap_script()))).port
        actor = await stack.enter_async_context(
            running(state.folder, ACTOR_EGRESS_ALLOW=HOST, ACTOR_CAPACITY="1")
        )
        await director.until(lambda: director.standing_polls)
        # The first check of all loads what every check needs, whatever the server sends.
        ordinary = trial_of(enrollment, imap_port)
        await director.give(ordinary)
        assert failures(await result_of(director, ordinary)) == set()
        before = kilobytes(actor.pid, "VmRSS")
        for name, script in BY_PROTOCOL[protocol].items():
            server = await stack.enter_async_context(hostile_server(script, **tls))
            given = lease_to(
                enrollment, protocol, server.port, ca=authority if tls else None, imap_port=imap_port
            )
            await director.give(given)
            assert failures(await result_of(director, given)) == {FailureCode.PROTOCOL_LIMIT_EXCEEDED}, name
        assert kilobytes(actor.pid, "VmHWM") - before < MOST_GROWTH
