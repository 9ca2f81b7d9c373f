"""The way to the Director by its name: which address is taken, and how long a silent name server holds it up."""

import asyncio
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpcore
import pytest
import trustme

from actor_agent.director_errors import NotConnected
from actor_agent.director_http import open_http
from actor_agent.director_network import _first_that_answers
from actor_agent.exit_codes import ExitCode
from actor_agent.state import Enrollment, State
from tests.actor_agent.command import end_of, running
from tests.actor_agent.director import HOST
from tests.actor_agent.listener import ask, listening

_NAME = "director.example.test"
_NOBODY, _SILENT = "127.0.0.2", "127.0.0.3"
_SILENT_NAME_SERVER = """
import socket, sys, threading

def getaddrinfo(*_, **__):
    print("asked for a name", file=sys.stderr, flush=True)
    threading.Event().wait()

socket.getaddrinfo = getaddrinfo
"""

pytestmark = pytest.mark.usefixtures("no_proxy_of_this_machine")

Named = Callable[..., None]


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Named:
    """Give every name the addresses that a test says."""

    def give(*addresses: str) -> None:
        entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)

    return give


async def test_the_next_address_is_tried_where_one_refuses(named: Named) -> None:
    named(_NOBODY, HOST)
    async with (
        listening() as director,
        open_http(f"http://{_NAME}:{director.port}", credential=None, ca_file=None) as http,
    ):
        assert await ask(http) == 204
    assert f"Host: {_NAME}:{director.port}" in director.heads[0]


async def test_an_address_that_is_silent_does_not_hold_up_the_next(named: Named) -> None:
    named(_SILENT, HOST)
    async with listening() as director:
        with socket.socket() as full, socket.socket() as first, socket.socket() as second:
            full.bind((_SILENT, director.port))
            full.listen(0)
            for filler in (first, second):  # a backlog that is full drops what comes
                filler.setblocking(False)
                filler.connect_ex(full.getsockname())
            began = time.monotonic()
            async with open_http(f"http://{_NAME}:{director.port}", credential=None, ca_file=None) as http:
                assert await ask(http) == 204
    assert time.monotonic() - began < 2


async def test_where_every_address_refuses_one_says_why(named: Named) -> None:
    named(_NOBODY, _SILENT)
    async with (
        listening() as director,
        open_http(f"http://{_NAME}:{director.port}", credential=None, ca_file=None) as http,
    ):
        with pytest.raises(NotConnected, match="attempts failed"):
            await ask(http)


async def test_the_certificate_is_held_against_the_name(named: Named, ca: trustme.CA, tmp_path: Path) -> None:
    named(HOST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(_NAME).configure_cert(context)
    asked_for: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with listening(context) as director:
        url = f"https://{_NAME}:{director.port}"
        async with open_http(url, credential=None, ca_file=tmp_path / "ca.pem") as http:
            assert await ask(http) == 204
        url = f"https://other.example.test:{director.port}"
        async with open_http(url, credential=None, ca_file=tmp_path / "ca.pem") as http:
            with pytest.raises(NotConnected, match="Hostname mismatch"):
                await ask(http)
    assert asked_for == [_NAME, "other.example.test"]


async def test_a_proxy_may_have_a_name(named: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    named(HOST)
    async with listening() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://proxy.example.test:{proxy.port}")
        async with open_http(f"http://{_NAME}", credential=None, ca_file=None) as http:
            assert await ask(http) == 204
    assert proxy.asked == [f"GET http://{_NAME}/health/live HTTP/1.1"]


@pytest.mark.parametrize("name", ["director.invalid", "a..b"])
async def test_a_name_that_nobody_has(name: str) -> None:
    async with open_http(f"http://{name}", credential=None, ca_file=None) as http:
        with pytest.raises(NotConnected, match=f"can't be reached: {name}: "):
            await ask(http)


async def test_a_silent_name_server_is_told_from_a_silent_director(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()
    monkeypatch.setattr("actor_agent.director_http.CONNECT_SECONDS", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer.wait(30) and [])
    async with open_http(f"http://{_NAME}", credential=None, ca_file=None) as http:
        with pytest.raises(NotConnected, match="the name server did not answer"):
            await ask(http)
    answer.set()


async def test_of_two_that_answer_at_once_one_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actor_agent.director_network._NEXT_SECONDS", 0)
    streams = [httpcore.AsyncMockStream([]), httpcore.AsyncMockStream([])]
    both = asyncio.Barrier(2)

    async def dial(stream: httpcore.AsyncMockStream) -> httpcore.AsyncNetworkStream:
        await both.wait()
        return stream

    kept = await _first_that_answers(partial(dial, stream) for stream in streams)
    assert [stream._closed for stream in streams] == [stream is not kept for stream in streams]


async def test_it_ends_within_ten_seconds_though_the_name_server_is_silent(
    state: State, enrollment: Enrollment, tmp_path: Path
) -> None:
    assert state.enrollment() == enrollment
    (tmp_path / "sitecustomize.py").write_text(_SILENT_NAME_SERVER)
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    async with running(state.folder, PYTHONPATH=path, ACTOR_DIRECTOR_URL=f"http://{_NAME}") as process:
        assert process.stderr is not None
        while b"asked for a name" not in await process.stderr.readline():
            pass
        signalled_at = time.monotonic()
        process.send_signal(signal.SIGTERM)
        ended = await end_of(process)
    assert ended.code == ExitCode.OK
    assert time.monotonic() - signalled_at < 10
