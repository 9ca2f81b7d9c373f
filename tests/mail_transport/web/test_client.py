"""Asking web services: through a proxy, and against servers that mean no good."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.web import WebClient
from mail_transport.web import client as web_client
from tests.servers.dripping import Endless, dripping_body, dripping_headers, endless_headers
from tests.servers.hostile import hostile_server
from wire_contract.failure_codes import FailureCode

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HERE = EgressPolicy.parse("127.0.0.0/8")


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[int]:
    """A server that says what `serve` says; yields its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def saying(text: bytes) -> Serve:
    """Read the request's head, send `text` and close."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)
        await writer.drain()

    return serve


async def _failure(port: int, *, proxy: str | None = None) -> FailureCode:
    async with WebClient(HERE, Journal(), None, proxy) as client:
        with pytest.raises(MailFailure) as raised:
            await client.ask("GET", f"{'https' if proxy else 'http'}://127.0.0.1:{port}/", {})
    return raised.value.code


async def test_an_answer_is_read_whole() -> None:
    async with serving(saying(b"HTTP/1.1 200 OK\r\nX-Id: 7\r\nContent-Length: 2\r\n\r\n{}")) as port:
        journal = Journal()
        async with WebClient(HERE, journal, None, None) as client:
            answer = await client.ask("GET", f"http://127.0.0.1:{port}/", {})
    assert (answer.status, answer.headers["x-id"], answer.body) == (200, "7", b"{}")
    assert [step.step.value for step in journal.steps] == ["resolve", "connect"]


async def test_a_body_without_end_is_cut_off() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            await writer.drain()

    async with serving(serve) as port:
        assert await _failure(port) is FailureCode.PROTOCOL_LIMIT_EXCEEDED


async def test_headers_without_end_are_a_violation_in_bounded_memory() -> None:
    endless = endless_headers()
    async with hostile_server(endless) as server:
        assert await _failure(server.port) is FailureCode.PROTOCOL_VIOLATION
        await endless.gone.wait()
    assert endless.sent < 8 * 1024 * 1024, "more than the sockets of both ends hold"


@pytest.mark.parametrize("make", [dripping_headers, dripping_body])
async def test_an_answer_that_drips_is_left_when_its_time_is_up(
    make: Callable[[], Endless], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_client, "SLOW_REPLY_SECONDS", 0.5)
    endless = make()
    async with asyncio.timeout(10), hostile_server(endless) as server:
        assert await _failure(server.port) is FailureCode.REPLY_TIMED_OUT
        await endless.gone.wait()
    assert endless.sent > 1, "no single byte was late"


async def test_a_proxy_that_drips_is_left_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_client, "SLOW_REPLY_SECONDS", 0.5)
    endless = dripping_headers()
    async with asyncio.timeout(10), hostile_server(endless) as proxy:
        assert await _failure(443, proxy=f"http://127.0.0.1:{proxy.port}") is FailureCode.REPLY_TIMED_OUT
        await endless.gone.wait()


@pytest.mark.parametrize(
    "text", [b"* OK IMAP4rev1\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"]
)
async def test_what_is_no_http_is_a_violation(text: bytes) -> None:
    async with serving(saying(text)) as port:
        assert await _failure(port) is FailureCode.PROTOCOL_VIOLATION


async def test_a_proxy_that_refuses_is_told_from_the_target() -> None:
    async with serving(saying(b"HTTP/1.1 403 Forbidden by policy\r\nContent-Length: 0\r\n\r\n")) as port:
        assert await _failure(443, proxy=f"http://127.0.0.1:{port}") is FailureCode.PROXY_REFUSED


async def test_the_egress_list_applies_to_the_proxy() -> None:
    async with WebClient(EgressPolicy(), Journal(), None, "http://127.0.0.1:3128") as client:
        with pytest.raises(MailFailure) as raised:
            await client.ask("GET", "https://graph.microsoft.com/", {})
    assert raised.value.code is FailureCode.EGRESS_NOT_ALLOWED
