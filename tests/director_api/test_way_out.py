"""The Director's way to Google's sign-in: the proxy and the authorities of its settings, never the environment's; and answers of any length."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from director_api.google_consent import google as consent
from director_api.google_consent.google import (
    Client,
    ExchangeRefused,
    GoogleAway,
    GoogleEndpoints,
    Granted,
    exchange,
)
from director_api.way_out import WayOut
from tests.servers import certificates
from tests.servers.dripping import Endless, dripping_body, dripping_headers, endless_body, endless_headers
from tests.servers.google.service import GoogleService, google_service
from tests.servers.hostile import HostileServer, Peer, Script, hostile_server
from tests.servers.https_proxy import https_proxy

MOST_READ = 16 * 1024 * 1024
"""More than any answer may have, with what the sockets hold."""


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleService]:
    with google_service(tmp_path_factory.mktemp("google")) as service:
        yield service


async def _asked(token_url: str, way_out: WayOut) -> Granted:
    client = Client(
        endpoints=GoogleEndpoints(token_url=token_url, way_out=way_out),
        client_id="app.example.test",
        client_secret=SecretStr("GOCSPX-of-nobody"),
        redirect_uri="https://director.example.test/oauth/google/callback",
        scope="https://www.googleapis.com/auth/gmail.metadata",
        code_verifier="v" * 43,
    )
    async with asyncio.timeout(30):
        return await exchange(client, "4/code")


async def _is_reached(google: GoogleService, way_out: WayOut) -> bool:
    """Whether Google is there to refuse a client that it doesn't know."""
    with pytest.raises((ExchangeRefused, GoogleAway)) as raised:
        await _asked(f"{google.url}/token", way_out)
    return str(raised.value) == "invalid_client"


async def test_an_authority_of_ones_own_is_trusted_and_the_public_ones_are_not_enough(
    google: GoogleService, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert await _is_reached(google, WayOut(google.ca_file))
    asked = len(google.project.asked)
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(google.ca_file))
    for way_out in (WayOut(), WayOut(other)):
        assert not await _is_reached(google, way_out)
    assert len(google.project.asked) == asked


async def test_the_environments_proxy_is_not_used(
    google: GoogleService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert await _is_reached(google, WayOut(google.ca_file))


async def test_google_is_reached_through_a_proxy_of_the_settings(tmp_path: Path) -> None:
    with (
        google_service(tmp_path, "oauth2.googleapis.com") as google,
        https_proxy({"oauth2.googleapis.com:443": google.port}) as proxy,
        pytest.raises(ExchangeRefused, match="invalid_client"),
    ):
        await _asked("https://oauth2.googleapis.com/token", WayOut(google.ca_file, proxy.url))
    assert proxy.asked == ["oauth2.googleapis.com:443"]


async def test_a_proxy_of_the_settings_that_refuses_is_not_passed_by() -> None:
    async def refuse(peer: Peer) -> None:
        await peer.line()
        await peer.send(b"HTTP/1.1 403 Forbidden", b"Content-Length: 0", b"")
        await peer.until_closed()

    async with hostile_server(refuse) as proxy:
        way_out = WayOut(https_proxy=f"http://{proxy.host}:{proxy.port}")
        with pytest.raises(GoogleAway):
            await _asked("https://oauth2.example.test/token", way_out)
        assert proxy.peers[0].heard[0].startswith(b"CONNECT oauth2.example.test:443 ")


async def _away(script: Script, ca: trustme.CA, folder: Path) -> HostileServer:
    """Let `script` answer in Google's place, over TLS that is trusted, and return what it was asked."""
    ca_file = folder / "ca.pem"
    ca.cert_pem.write_to_path(ca_file)
    async with hostile_server(script, certificate=certificates.valid(ca)) as server:
        with pytest.raises(GoogleAway):
            await _asked(f"https://{server.host}:{server.port}/token", WayOut(ca_file))
        return server


@pytest.mark.parametrize("make", [endless_headers, endless_body])
async def test_an_answer_without_end_is_not_read_to_its_end(
    make: Callable[[], Endless], ca: trustme.CA, tmp_path: Path
) -> None:
    endless = make()
    await _away(endless, ca, tmp_path)
    await endless.gone.wait()
    assert endless.sent < MOST_READ


@pytest.mark.parametrize("make", [dripping_headers, dripping_body])
async def test_an_answer_that_drips_is_left_after_a_while(
    make: Callable[[], Endless], ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consent, "_SECONDS", 1.0)
    endless = make()
    await _away(endless, ca, tmp_path)
    assert endless.sent
    await endless.gone.wait()


async def test_an_answer_that_breaks_off_is_a_failure_of_the_connection(
    ca: trustme.CA, tmp_path: Path
) -> None:
    async def break_off(peer: Peer) -> None:
        await peer.line()
        await peer.send(b"HTTP/1.1 200 OK", b"Content-Length: 1000", b"", b"half")

    server = await _away(break_off, ca, tmp_path)
    assert re.match(rb"POST /token HTTP/1\.1\r\n", server.heard)
