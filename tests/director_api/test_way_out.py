"""The Director's way to the clouds: the proxy and the authorities of its settings, never the environment's."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme

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
