"""How long an app's secret is kept, against a stand-in that conforms to Microsoft's documentation."""

import asyncio
import gc
import json
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.microsoft import tokens as tokens_module
from mail_transport.microsoft.clouds import endpoints_of
from mail_transport.microsoft.tokens import App, tokens_of
from mail_transport.web import WebClient
from sandbox.graph import tenant
from tests.servers import certificates
from tests.servers.dripping import dripping_headers, request_of
from tests.servers.graph import GraphService, graph_service
from tests.servers.hostile import Peer, hostile_server
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Cloud

CLIENT, SECRET = "99999999-8888-7777-6666-555555555555", "value-of-the-secret"
HERE = EgressPolicy.parse("127.0.0.0/8")


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[GraphService]:
    with graph_service(tmp_path) as service:
        service.tenant.add_app(tenant.App(CLIENT, SECRET))
        yield service


def _app(graph: GraphService) -> App:
    endpoints = endpoints_of(Cloud.GLOBAL, authority=graph.url, graph=graph.url)
    return App(endpoints, graph.tenant.id, CLIENT, SecretStr(SECRET), endpoints.scope)


def _client(graph: GraphService) -> WebClient:
    return WebClient(HERE, Journal(), graph.ca_file.read_text(), None)


def _sign_ins(graph: GraphService) -> int:
    return sum("/oauth2/v2.0/token" in asked for asked in graph.tenant.asked)


async def test_those_who_use_an_app_at_the_same_time_share_its_token(graph: GraphService) -> None:
    async with _client(graph) as client:
        with tokens_of(_app(graph)) as one, tokens_of(_app(graph)) as other:
            assert await one.get(client) == await other.get(client)
            assert _sign_ins(graph) == 1
            one.forget()
            await other.get(client)
            assert _sign_ins(graph) == 2


async def test_the_last_to_leave_takes_the_secret_along(graph: GraphService) -> None:
    async with _client(graph) as client:
        with tokens_of(_app(graph)) as source:
            await source.get(client)
            gone = weakref.ref(source)
        del source
        gc.collect()
        assert gone() is None
        with tokens_of(_app(graph)) as again:
            await again.get(client)
    assert _sign_ins(graph) == 2


async def test_another_secret_is_another_app(graph: GraphService) -> None:
    wrong = replace(_app(graph), secret=SecretStr("wrong"))
    async with _client(graph) as client:
        with tokens_of(_app(graph)) as good, tokens_of(wrong) as bad:
            await good.get(client)
            with pytest.raises(MailFailure) as raised:
                await bad.get(client)
    assert raised.value.code is FailureCode.GRAPH_SECRET_INVALID


def test_neither_the_app_nor_its_name_in_memory_shows_the_secret(graph: GraphService) -> None:
    app = _app(graph)
    assert SECRET not in repr(app)
    assert SECRET not in app.key


async def test_a_sign_in_that_drips_is_left_when_its_time_is_up_and_holds_nobody_else(
    ca: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The discovery document comes, the token drips: the time is that of both together."""
    monkeypatch.setattr(tokens_module, "SIGN_IN_SECONDS", 1.0)
    drip = dripping_headers()

    async def entra(peer: Peer) -> None:
        if b"openid-configuration" not in await request_of(peer):
            await drip.answer(peer)
            return
        base = f"https://127.0.0.1:{server.port}/{CLIENT}/oauth2/v2.0"
        document = {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token"}
        body = json.dumps({**document, "issuer": base}).encode()
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        await peer.send_raw(head + body)
        await peer.until_closed()

    async with hostile_server(entra, certificate=certificates.valid(ca)) as server:
        authority = f"https://127.0.0.1:{server.port}"
        endpoints = endpoints_of(Cloud.GLOBAL, authority=authority, graph=authority)
        app = App(endpoints, CLIENT, CLIENT, SecretStr(SECRET), endpoints.scope)
        pem = ca.cert_pem.bytes().decode()
        async with asyncio.timeout(20), WebClient(HERE, Journal(), pem, None) as client:
            with tokens_of(app) as source:
                asked = [asyncio.create_task(source.get(client)) for _ in range(6)]
                ends = await asyncio.gather(*asked, return_exceptions=True)
            await drip.gone.wait()
    assert {end.code for end in ends if isinstance(end, MailFailure)} == {FailureCode.REPLY_TIMED_OUT}
    assert len(ends) == 6
