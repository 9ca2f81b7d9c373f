"""How long an app's secret is kept, against a stand-in that conforms to Microsoft's documentation."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from mail_transport.egress import EgressPolicy
from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from mail_transport.microsoft.clouds import endpoints_of
from mail_transport.microsoft.tokens import App, tokens_of
from mail_transport.web import WebClient
from sandbox.graph import tenant
from tests.servers.graph import GraphService, graph_service
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
