"""Mailboxes of clouds, added by the wizard, and the Director's own mail by them; against stand-ins and Dovecot."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme

from sandbox.graph.tenant import App
from tests.console.stage import Answer, play
from tests.end_to_end.processes import DirectorProcess
from tests.servers.dovecot import Dovecot
from tests.servers.exchange import Exchange, mail_of
from tests.servers.google.project import READONLY, Client, ServiceAccount
from tests.servers.google.sending import SEND
from tests.servers.google.service import GoogleService, google_service
from tests.servers.graph import GraphService, graph_service
from tests.servers.ports import HOST, free_ports

APP, SECRET = "99999999-8888-7777-6666-555555555555", "the-value-of-the-secret"
GOOGLE_APP, GOOGLE_SECRET = "app.example.test", "GOCSPX-of-the-stand-in-alone"
GRAPH_ROLES = frozenset({"Mail.ReadBasic.All", "Mail.Send"})


@dataclass(frozen=True)
class Clouds:
    """A Director with one Actor, and what stands in for Microsoft and Google."""

    director: DirectorProcess
    graph: GraphService
    google: GoogleService
    exchange: Exchange
    dovecot: Dovecot

    def play(self, scene: str, answers: dict[str, Answer] | None = None, **world: Any) -> None:
        """Play a scene as an admin."""
        token = self.director.api.headers["Authorization"].removeprefix("Bearer ")
        world |= {"origins": [self.google.url], "privateAuthority": True}
        play(scene, {"url": self.director.url, "token": token, **world}, answers)

    def saved(self, address: str) -> dict[str, Any]:
        """Return the profile of an address."""
        (profile,) = self.director.get("/email-profiles", q=address)["items"]
        found: dict[str, Any] = profile
        return found


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory, ca: trustme.CA) -> Iterator[Clouds]:
    folder = tmp_path_factory.mktemp("clouds")
    with ExitStack() as stack:
        graph = stack.enter_context(graph_service(_made(folder / "graph")))
        google = stack.enter_context(google_service(_made(folder / "google")))
        exchange = Exchange(graph.tenant)
        dovecot = stack.enter_context(mail_of(exchange, ca))
        director = DirectorProcess(folder, free_ports(1)[0])
        stack.callback(director.close)
        authorities = str(_both(folder, graph.ca_file, google.ca_file))
        director.environment |= {
            **graph.director_environment,
            "DIRECTOR_GOOGLE_AUTHORIZE_URL": f"{google.url}/o/oauth2/v2/auth",
            "DIRECTOR_GOOGLE_TOKEN_URL": f"{google.url}/token",
            "DIRECTOR_GMAIL_ROOT": google.url,
            "DIRECTOR_CA_FILE": authorities,
        }
        director.start()
        environment = {**graph.environment, **google.environment, "ACTOR_CA_FILE": authorities}
        director.actor("vm-1", environment=environment)
        graph.tenant.add_app(App(APP, SECRET, GRAPH_ROLES, frozenset({"IMAP.AccessAsApp"})))
        yield Clouds(director, graph, google, exchange, dovecot)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _both(folder: Path, *authorities: Path) -> Path:
    together = folder / "authorities.pem"
    together.write_text("".join(authority.read_text() for authority in authorities))
    return together


def _app(clouds: Clouds) -> dict[str, str]:
    return {"Tenant ID": clouds.graph.tenant.id, "Client ID": APP, "Client Secret": SECRET}


def _sent_by(deliver: Callable[[str], Any]) -> dict[str, Answer]:
    def send(asked: dict[str, Any]) -> None:
        deliver(asked["subject"])

    return {"send": send}


def test_microsoft_graph_from_the_wizard_to_verified(clouds: Clouds) -> None:
    address = "reader@contoso.test"
    mailbox = clouds.graph.tenant.add_mailbox(address)
    app = {"Cloud": "Global", **_app(clouds), "Client Secret expires": "2031-01-31"}
    clouds.play("graph", _sent_by(mailbox.deliver), address=address, app=app)
    graph = clouds.saved(address)["graph"]
    assert (graph["tenant_id"], graph["client_id"], graph["cloud"]) == (clouds.graph.tenant.id, APP, "global")
    assert graph["client_secret_expires_at"].startswith("2031-01-31")


def test_gmail_by_a_service_account(clouds: Clouds) -> None:
    account = clouds.google.project.add_account("workspace@example.test")
    robot = clouds.google.project.add_service_account(ServiceAccount("reader@project.iam.example.test"))
    clouds.play("gmailByKey", _sent_by(account.deliver), address=account.address, key=robot.key_file())
    assert clouds.saved(account.address)["gmail"]["service_account_json"]["set"]


def test_gmail_by_the_consent_that_authorize_leads_to(clouds: Clouds) -> None:
    account = clouds.google.project.add_account("owner@example.test")
    callback = f"http://{HOST}:{clouds.director.url.rpartition(':')[2]}/oauth/google/callback"
    clouds.google.project.add_client(Client(GOOGLE_APP, GOOGLE_SECRET, (callback,)))
    app = {"Client ID": GOOGLE_APP, "Client Secret": GOOGLE_SECRET}
    clouds.play("gmailByConsent", _sent_by(account.deliver), address=account.address, app=app)
    gmail = clouds.saved(account.address)["gmail"]
    assert (gmail["client_id"], gmail["scope"], gmail["consent"]["set"]) == (GOOGLE_APP, "readonly", True)
    assert any(READONLY in grant.scopes for grant in clouds.google.project.consents.values())


def test_imap_by_tokens_with_a_password_for_sending_alone(clouds: Clouds) -> None:
    mailbox = clouds.dovecot.add_user()
    clouds.exchange.username = mailbox.username
    clouds.play(
        "imapByTokens",
        _sent_by(partial(clouds.dovecot.deliver, mailbox)),
        address=mailbox.address,
        username=mailbox.username,
        host=clouds.dovecot.host,
        port=str(clouds.dovecot.ports.imaps),
        authority=clouds.dovecot.ca_pem,
        app={"Provider": "Microsoft", "Cloud": "Global", **_app(clouds)},
    )
    saved = clouds.saved(mailbox.address)
    assert saved["incoming"]["authentication"] == "xoauth2"
    assert (saved["outgoing"]["authentication"], saved["account"]["password"]["set"]) == ("plain", True)
    assert (saved["oauth"]["cloud"], saved["oauth"]["client_secret"]["set"]) == ("global", True)


def test_the_directors_own_mail_by_graph_and_by_gmail(clouds: Clouds) -> None:
    to = "anyone@contoso.test"
    for address in (to, "codes@contoso.test"):
        clouds.graph.tenant.add_mailbox(address)
    for address in (to, "codes@example.test"):
        clouds.google.project.add_account(address)
    robot = ServiceAccount("sender@project.iam.example.test", "9" * 21, delegated=frozenset({SEND}))
    clouds.google.project.add_service_account(robot)
    graph = {
        "by": "Microsoft 365 (Graph)",
        "fields": _app(clouds),
        "secret": "/client_secret",
        "from": "codes@contoso.test",
    }
    gmail = {
        "by": "Gmail (API)",
        "fields": {"Key file (JSON)": robot.key_file()},
        "secret": "/service_account_json",
        "from": "codes@example.test",
    }
    clouds.play("mailByClouds", ways=[graph, gmail], to=to)
    saved = clouds.director.get("/settings/email")
    assert (saved["transport"], saved["service_account_json"]["set"]) == ("gmail", True)
