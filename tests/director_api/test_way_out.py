"""The Director's way to the clouds: the proxy and the authorities of its settings, never the environment's; and answers of any length."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme

from director_api import bounded_answers
from director_api.way_out import WayOut
from tests.servers.google.service import GoogleService, google_service
from tests.servers.hostile import Peer, hostile_server


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleService]:
    with google_service(tmp_path_factory.mktemp("google")) as service:
        yield service


def _status(url: str, way_out: WayOut) -> int:
    with requests.Session() as session:
        way_out.lead(session)
        return session.get(f"{url}/token", timeout=10).status_code


def test_an_authority_of_ones_own_is_trusted_and_the_public_ones_are_not_enough(
    google: GoogleService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert _status(google.url, WayOut(google.ca_file)) == 405
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(google.ca_file))
    for way_out in (WayOut(), WayOut(other)):
        with pytest.raises(requests.exceptions.SSLError):
            _status(google.url, way_out)


def test_the_environments_proxy_is_not_used(google: GoogleService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert _status(google.url, WayOut(google.ca_file)) == 405


async def test_a_proxy_of_the_settings_is_used() -> None:
    async def refuse(peer: Peer) -> None:
        await peer.line()
        await peer.send(b"HTTP/1.1 403 Forbidden", b"Content-Length: 0", b"")
        await peer.until_closed()

    async with hostile_server(refuse) as proxy:
        way_out = WayOut(https_proxy=f"http://{proxy.host}:{proxy.port}")
        with pytest.raises(requests.exceptions.ProxyError):
            await asyncio.to_thread(_status, "https://oauth2.example.test", way_out)
        assert proxy.peers[0].heard[0].startswith(b"CONNECT oauth2.example.test:443 ")


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async def babble(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 200 OK", b"Content-Type: application/json", b"")
        while True:
            await peer.send_raw(b"x" * 65_536)

    async with hostile_server(babble) as server:
        url = f"http://{server.host}:{server.port}"
        with pytest.raises(requests.ConnectionError, match="longer than"):
            await asyncio.to_thread(_status, url, WayOut())


async def test_an_answer_that_drips_is_left_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_answers, "BODY_SECONDS", 0.3)

    async def drip(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 200 OK", b"Content-Length: 1000", b"")
        while True:
            await peer.send_raw(b"x")
            await asyncio.sleep(0.01)

    async with hostile_server(drip) as server:
        url = f"http://{server.host}:{server.port}"
        with pytest.raises(requests.ReadTimeout, match="took longer"):
            await asyncio.to_thread(_status, url, WayOut())


async def test_an_answer_that_breaks_off_is_a_failure_of_the_connection() -> None:
    async def break_off(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 200 OK", b"Content-Length: 1000", b"", b"half")

    async with hostile_server(break_off) as server:
        url = f"http://{server.host}:{server.port}"
        with pytest.raises(requests.ConnectionError):
            await asyncio.to_thread(_status, url, WayOut())
