"""Wherever in a dialogue a server closes the connection, the attempt ends by name."""

import asyncio

import pytest
import trustme

from mail_transport.failures import MailFailure
from tests.actor_agent.hostility.cutting import Cutting
from tests.actor_agent.hostility.parties import ATTEMPTS, GOOD
from tests.servers.certificates import valid
from tests.servers.hostile import hostile_server, server_context
from wire_contract.failure_codes import FailureCode

AT_ONCE = 20
EVERYTHING = 1_000_000
NAMES = {FailureCode.CONNECTION_CLOSED, FailureCode.PROTOCOL_VIOLATION, FailureCode.GREETING_UNEXPECTED}


@pytest.mark.parametrize(("encryption", "step"), [("none", 1), ("ssl_tls", 7)])
@pytest.mark.parametrize("protocol", list(ATTEMPTS))
async def test_a_connection_closed_at_any_byte_ends_by_name(
    ca: trustme.CA, protocol: str, encryption: str, step: int
) -> None:
    authority = ca.cert_pem.bytes().decode() if encryption == "ssl_tls" else None
    context = server_context(valid(ca)) if authority else None

    async def outcome(limit: int) -> tuple[FailureCode | None, int]:
        cutting, ended = Cutting(GOOD[protocol](), limit), None
        async with hostile_server(cutting, context=context) as server, asyncio.timeout(30):
            attempt = ATTEMPTS[protocol](server.port, authority)
            try:
                await attempt.run()
            except MailFailure as failure:
                ended = failure.code
        assert ended is None or attempt.journal.steps[-1].code is ended
        return ended, cutting.said

    ended, whole = await outcome(EVERYTHING)
    assert ended is None
    limits = list(range(0, whole, step))
    outcomes = []
    for first in range(0, len(limits), AT_ONCE):
        outcomes += await asyncio.gather(*map(outcome, limits[first : first + AT_ONCE]))
    codes = [code for code, _ in outcomes]
    needed = len(codes) - codes[::-1].index(FailureCode.CONNECTION_CLOSED)
    # What comes after the code is but a farewell, which nobody has to wait for.
    assert None not in codes[:needed]
    assert set(codes) <= {None, *NAMES}
    assert needed > len(codes) / 3
