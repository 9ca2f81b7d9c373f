"""An IMAP mailbox by an app's tokens from the profile to the outcome: Director, Actor, a real Dovecot."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from sandbox.graph.tenant import App
from tests.end_to_end.processes import DirectorProcess
from tests.servers.dovecot import Dovecot
from tests.servers.exchange import Exchange, mail_of
from tests.servers.graph import GraphService, graph_service
from tests.servers.mailbox import Mailbox

APP, SECRET = "99999999-8888-7777-6666-555555555555", "the-value-of-the-secret"


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[GraphService]:
    with graph_service(tmp_path) as service:
        roles = frozenset({"IMAP.AccessAsApp"})
        service.tenant.add_app(App(APP, SECRET, frozenset(), exchange_roles=roles))
        yield service


def _profile(
    director: DirectorProcess, graph: GraphService, dovecot: Dovecot, mailbox: Mailbox
) -> dict[str, Any]:
    oauth = {"provider": "microsoft", "tenant_id": graph.tenant.id, "client_id": APP, "client_secret": SECRET}
    incoming = {"host": dovecot.host, "port": dovecot.ports.imaps, "authentication": "xoauth2"}
    return director.post(
        "/email-profiles",
        {
            "server_type": "imap",
            "email_address": mailbox.address,
            "actor_ids": director.actor_ids(*director.actors),
            "send_verification_manually": True,
            "account": {"username": mailbox.username},
            "incoming": incoming,
            "oauth": oauth,
            "tls": {"ca_certificate": dovecot.ca_pem},
        },
    )


def test_a_code_is_read_with_a_token_and_a_refusal_is_explained(
    director: DirectorProcess, graph: GraphService, ca: trustme.CA
) -> None:
    exchange = Exchange(graph.tenant)
    with mail_of(exchange, ca) as dovecot:
        director.actor("vm-1", environment={**graph.environment, "ACTOR_LOG_LEVEL": "debug"})
        mailbox = dovecot.add_user()
        exchange.username = mailbox.username
        profile = _profile(director, graph, dovecot, mailbox)
        code = director.get(f"/email-profiles/{profile['id']}/verification-code")
        dovecot.deliver(mailbox, code["subject"])
        (good,) = director.ended(director.verify(profile))["checks"]
        graph.tenant.apps[APP].exchange_roles = frozenset()
        (refused,) = director.ended(director.verify(profile))["checks"]
    assert (good["state"], good["failure_code"]) == ("verified", None)
    assert (refused["state"], refused["failure_code"]) == ("unverified", "auth_token_refused")
    assert "New-ServicePrincipal" in refused["hint"]
    actor = director.actors[0].process
    assert actor is not None
    assert director.process is not None
    told = f"{good}{refused}" + "".join((*actor.lines, *director.process.lines))
    assert SECRET not in told
    assert "eyJ" not in told
