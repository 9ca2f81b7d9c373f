"""Names and connections: each way to fail has its code, and none takes longer than it may."""

import asyncio
import socket
import threading

import pytest

from mail_transport.connecting import connect
from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.name_lookup import MOST_AT_ONCE
from mail_transport.resolving import resolve
from tests.servers.hostile import Peer, hostile_server
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode

HERE = EgressPolicy.parse("127.0.0.0/8, ::1")


async def _greet(peer: Peer) -> None:
    await peer.send(b"hello")
    await peer.until_closed()


async def test_a_connection_shows_both_of_its_ends() -> None:
    journal = Journal()
    async with hostile_server(_greet) as server:
        channel = await connect("localhost", server.port, HERE, journal)
        assert await channel.read_line() == b"hello"
        channel.abort()
    resolved, connected = journal.steps
    assert "127.0.0.1" in str(resolved.detail["addresses"])
    assert connected.detail["remote"] == f"127.0.0.1:{server.port}"
    assert str(connected.detail["local"]).startswith("127.0.0.1:")
    assert connected.detail["family"] == "ipv4"


async def test_a_closed_port_is_refused() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))  # bound and not listening: nobody else takes the port meanwhile
        journal = Journal()
        with pytest.raises(MailFailure) as raised:
            await connect("127.0.0.1", unheard.getsockname()[1], HERE, journal)
    assert raised.value.code is FailureCode.TCP_REFUSED
    assert journal.steps[-1].outcome is StepOutcome.FAILED


async def test_a_server_that_takes_no_connection_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mail_transport.connecting.CONNECT_SECONDS", 0.2)
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (first, second):  # a backlog that is full drops what comes
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        with pytest.raises(MailFailure) as raised:
            await connect("127.0.0.1", full.getsockname()[1], HERE, Journal())
    assert raised.value.code is FailureCode.TCP_TIMED_OUT


async def test_an_address_without_a_way_to_it_is_unreachable() -> None:
    # TCP has no multicast, so the kernel refuses before anything leaves the machine.
    with pytest.raises(MailFailure) as raised:
        await connect("224.0.0.1", 143, EgressPolicy.parse("224.0.0.1"), Journal())
    assert raised.value.code is FailureCode.TCP_UNREACHABLE


async def test_an_address_that_is_not_allowed_is_never_connected_to() -> None:
    async with hostile_server(_greet) as server:
        journal = Journal()
        with pytest.raises(MailFailure) as raised:
            await connect("localhost", server.port, EgressPolicy.parse(""), journal)
        assert server.peers == []
    assert raised.value.code is FailureCode.EGRESS_NOT_ALLOWED
    assert journal.steps[-1].step is StepName.CONNECT


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".test"])
async def test_what_can_be_no_name_is_not_found(host: str) -> None:
    with pytest.raises(MailFailure) as raised:
        await resolve(host)
    assert raised.value.code is FailureCode.DNS_NOT_FOUND


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (socket.EAI_NONAME, FailureCode.DNS_NOT_FOUND),
        (socket.EAI_AGAIN, FailureCode.DNS_FAILED),
        (socket.EAI_FAIL, FailureCode.DNS_FAILED),
    ],
)
async def test_the_resolvers_errors_are_told_apart(
    error: int, code: FailureCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise socket.gaierror(error, "said so")

    monkeypatch.setattr(socket, "getaddrinfo", failing)  # no name server of ours fails on demand
    with pytest.raises(MailFailure) as raised:
        await resolve("mail.example.test")
    assert raised.value.code is code


async def test_a_dead_name_server_holds_up_neither_the_loop_nor_other_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer.wait(30) and [])
    names = [resolve(f"mail{number}.example.test", seconds=0.1) for number in range(100)]
    async with asyncio.timeout(10):
        outcomes = await asyncio.gather(*names, return_exceptions=True)
    answer.set()
    codes = {outcome.code for outcome in outcomes if isinstance(outcome, MailFailure)}
    assert (len(outcomes), codes) == (100, {FailureCode.DNS_FAILED})


async def test_look_ups_that_never_end_take_a_bounded_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = threading.Event()
    before = threading.active_count()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer.wait(30) and [])
    names = [resolve(f"mail{number}.example.test", seconds=0.3) for number in range(2 * MOST_AT_ONCE)]
    async with asyncio.timeout(20):
        outcomes = await asyncio.gather(*names, return_exceptions=True)
        assert threading.active_count() <= before + MOST_AT_ONCE
        answer.set()
        assert await resolve("later.example.test") == ()
    assert {str(outcome) for outcome in outcomes} == {"dns_failed"}
