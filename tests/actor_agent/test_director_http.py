"""HTTP to the Director: what goes over the wire, whom it trusts, by which proxy it goes, what it bounds."""

import asyncio
import base64
import ssl
from pathlib import Path

import pytest
import trustme

from actor_agent.director_errors import AnswerLost, NotConnected
from actor_agent.director_http import open_http
from actor_agent.secret import Secret
from tests.actor_agent.director import HOST
from tests.actor_agent.listener import ask, listening
from tests.actor_agent.quiet_server import quiet_server

_SECONDS = 10.0


pytestmark = pytest.mark.usefixtures("no_proxy_of_this_machine")


@pytest.fixture
def encrypted(ca: trustme.CA) -> ssl.SSLContext:
    """What a server needs to be the Director at 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(HOST).configure_cert(context)
    return context


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: Path) -> Path:
    """The authority that signed it."""
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


async def test_what_is_asked() -> None:
    async with (
        listening() as director,
        open_http(
            f"http://{HOST}:{director.port}/prefix", credential=Secret("the-credential"), ca_file=None
        ) as http,
    ):
        answer = await http.ask("POST", "/actor/leases", {"capacity": 4}, _SECONDS)
        assert (answer.status, answer.reason, answer.body) == (204, "Empty", b"")
        await ask(http)
    first, second = director.heads
    assert first[0] == "POST /prefix/actor/leases HTTP/1.1"
    assert f"Host: {HOST}:{director.port}" in first
    assert {"Authorization: Bearer the-credential", "Accept-Encoding: identity"} <= set(first)
    assert {"Content-Type: application/json", "Content-Length: 14"} <= set(first)
    assert second[0] == "GET /prefix/health/live HTTP/1.1"
    assert not [line for line in second if line.lower().startswith("content-")]
    assert director.connections == 1


async def test_a_private_authority_is_trusted_where_it_is_named(
    encrypted: ssl.SSLContext, ca_file: Path
) -> None:
    async with listening(encrypted) as director:
        url = f"https://{HOST}:{director.port}"
        async with open_http(url, credential=None, ca_file=ca_file) as http:
            assert await ask(http) == 204


async def test_the_environment_may_name_the_authority(
    encrypted: ssl.SSLContext, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    async with (
        listening(encrypted) as director,
        open_http(f"https://{HOST}:{director.port}", credential=None, ca_file=None) as http,
    ):
        assert await ask(http) == 204


async def test_nobody_else_is_trusted(encrypted: ssl.SSLContext) -> None:
    async with (
        listening(encrypted) as director,
        open_http(
            f"https://{HOST}:{director.port}", credential=Secret("the-credential"), ca_file=None
        ) as http,
    ):
        with pytest.raises(NotConnected, match="CERTIFICATE_VERIFY_FAILED"):
            await ask(http)
    assert director.heads == []


async def test_an_authority_that_is_none_is_refused(tmp_path: Path) -> None:
    nothing = tmp_path / "ca.pem"
    nothing.write_text("nothing")
    for url in ("http://director.invalid", "https://director.invalid"):
        with pytest.raises(OSError, match="certificate"):
            open_http(url, credential=None, ca_file=nothing)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
async def test_the_environments_proxy_is_the_way(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    async with listening() as proxy:
        monkeypatch.setenv(name, f"http://anna:s3%2Fcret@{HOST}:{proxy.port}")
        async with open_http("http://director.invalid:8080", credential=None, ca_file=None) as http:
            assert await ask(http) == 204
    (head,) = proxy.heads
    assert head[0] == "GET http://director.invalid:8080/health/live HTTP/1.1"
    assert f"Proxy-Authorization: Basic {base64.b64encode(b'anna:s3/cret').decode()}" in head


async def test_a_proxy_that_refuses_is_told_from_the_director(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"{HOST}:{proxy.port}")
        async with open_http("https://director.invalid", credential=None, ca_file=None) as http:
            with pytest.raises(NotConnected, match="407 Proxy Authentication Required"):
                await ask(http)
    assert proxy.asked == ["CONNECT director.invalid:443 HTTP/1.1"]


async def test_what_no_proxy_names_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as proxy, listening() as director:
        monkeypatch.setenv("HTTP_PROXY", f"http://{HOST}:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", f"example.com,{HOST}")
        async with open_http(f"http://{HOST}:{director.port}", credential=None, ca_file=None) as http:
            assert await ask(http) == 204
    assert (proxy.asked, director.asked) == ([], ["GET /health/live HTTP/1.1"])


@pytest.mark.parametrize("given", ["socks5://me:s3cret@proxy:1080", "http://"])
def test_a_proxy_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", given)
    with pytest.raises(ValueError, match="must be http://host:port") as caught:
        open_http("http://director.invalid", credential=None, ca_file=None)
    assert "s3cret" not in str(caught.value)


async def test_silence_is_bounded() -> None:
    async with (
        quiet_server() as quiet,
        open_http(f"http://{HOST}:{quiet.port}", credential=None, ca_file=None) as http,
    ):
        with pytest.raises(AnswerLost, match="ReadTimeout"):
            await http.ask("GET", "/health/live", None, 0.05)


async def test_whoever_hangs_up_lets_go_of_the_connection() -> None:
    async with (
        quiet_server() as quiet,
        open_http(f"http://{HOST}:{quiet.port}", credential=None, ca_file=None) as http,
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await ask(http)
        await quiet.left.wait()
