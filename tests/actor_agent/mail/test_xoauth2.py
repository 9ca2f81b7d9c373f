"""Logging in by tokens: a real Dovecot, Microsoft's sign-in as documented, Google's as strict as documented."""

import base64
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from pydantic import SecretStr

from actor_agent.mail import CloudEndpoints, Reach
from sandbox.graph import entra
from sandbox.graph.service import make_app
from sandbox.graph.tenant import App, Tenant
from sandbox.stand_in import served
from tests.actor_agent.mail.looking import HERE, Look, credentials_of, wanted
from tests.servers import certificates
from tests.servers.dovecot import Dovecot
from tests.servers.exchange import Exchange, mail_of
from tests.servers.hostile import Peer, hostile_server
from tests.servers.https_proxy import https_proxy
from tests.servers.mailbox import Mailbox
from tests.servers.microsoft_clouds import CLOUDS, NAMES
from tests.servers.ports import HOST
from wire_contract.diagnostics import Step, StepName, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import (
    Authentication,
    ClientSecretCredentials,
    Cloud,
    Encryption,
    ImapTarget,
    MailServer,
    OAuthApp,
    OAuthProvider,
    Pop3Target,
    TlsPolicy,
)
from wire_contract.verification_code import new_code, subject_for

CLIENT = "99999999-8888-7777-6666-555555555555"
SECRET = "vEry~Secret.Value_of-the-app"  # because only the stand-in takes it
PROTOCOLS = pytest.mark.parametrize("protocol", ["imap", "pop3"])


@pytest.fixture(scope="module")
def exchange() -> Exchange:
    return Exchange(Tenant())


@pytest.fixture(scope="module")
def server(ca: trustme.CA, exchange: Exchange) -> Iterator[Dovecot]:
    with mail_of(exchange, ca) as dovecot:
        yield dovecot


@dataclass
class Place:
    """A mailbox that a token of the app opens, at a server that takes tokens."""

    dovecot: Dovecot
    mailbox: Mailbox
    reach: Reach
    app: App
    tenant: Tenant

    def look(
        self,
        protocol: str,
        code: str | None = None,
        *,
        secret: str = SECRET,
        name: str = "",
        cloud: Cloud = Cloud.GLOBAL,
    ) -> Look:
        """A look by Microsoft's way that is to be run."""
        oauth = OAuthApp(
            provider=OAuthProvider.MICROSOFT, tenant_id=self.tenant.id, client_id=CLIENT, cloud=cloud
        )
        credentials = ClientSecretCredentials(
            username=name or self.mailbox.username, client_secret=SecretStr(secret)
        )
        target = target_at(self.dovecot, protocol, oauth)
        return Look(target, credentials, wanted(code) if code else None, reach=self.reach)


def target_at(dovecot: Dovecot, protocol: str, oauth: OAuthApp) -> ImapTarget | Pop3Target:
    """The server over TLS, with tokens in place of passwords."""
    port = dovecot.ports.imaps if protocol == "imap" else dovecot.ports.pop3s
    server = MailServer(
        host=HOST, port=port, encryption=Encryption.SSL_TLS, authentication=Authentication.XOAUTH2
    )
    tls = TlsPolicy(ca_certificate=dovecot.ca_pem)
    if protocol == "imap":
        return ImapTarget(server_type="imap", incoming=server, oauth=oauth, tls=tls)
    return Pop3Target(server_type="pop3", incoming=server, oauth=oauth, tls=tls)


@pytest.fixture
async def place(server: Dovecot, exchange: Exchange, tmp_path: Path) -> AsyncIterator[Place]:
    ca = trustme.CA()
    chain, key = certificates.valid(ca, *NAMES).write(tmp_path)
    ca_file = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(ca_file)
    app = exchange.tenant.add_app(App(CLIENT, SECRET, exchange_roles=frozenset({"IMAP.AccessAsApp"})))
    mailbox = server.add_user()
    exchange.username = mailbox.username
    async with served(make_app(exchange.tenant), chain, key) as url:
        clouds = CloudEndpoints(graph_authority=url)
        yield Place(server, mailbox, Reach(HERE, clouds, ca_file), app, exchange.tenant)


@PROTOCOLS
async def test_a_code_is_read_with_a_token_that_microsofts_documented_sign_in_gave_out(
    place: Place, protocol: str
) -> None:
    code = new_code()
    place.dovecot.deliver(place.mailbox, subject_for(code))
    look = place.look(protocol, code)
    assert (await look.found()).codes == (code,)
    assert look.step_names[:3] == ["resolve", "connect", "tls"]  # the sign-in
    assert look.step_names[3:6] == ["resolve", "connect", "tls"]
    assert look.step_names.count("authenticate") == 1
    login = look.step(StepName.AUTHENTICATE)
    assert login.detail["mechanism"] == "XOAUTH2"
    assert _token_shown(login)["roles"] == ["IMAP.AccessAsApp"]
    assert _token_shown(login)["scope"] == "https://outlook.office365.com/.default"


async def test_permissions_of_the_app_in_excess_are_told(place: Place) -> None:
    place.app.exchange_roles = frozenset({"IMAP.AccessAsApp", "SMTP.SendAsApp", "full_access_as_app"})
    look = place.look("imap")
    await look.run()
    warned = {each.code: each.detail for each in look.journal.warnings}
    assert warned == {FailureCode.AUTH_EXCESS_PERMISSION: "full_access_as_app"}


@pytest.mark.parametrize("cloud", Cloud)
async def test_each_clouds_own_sign_in_gives_out_the_token_for_its_own_mail(
    place: Place, exchange: Exchange, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the settings as they come, but for a proxy that leads every cloud's names to the stand-in."""
    names = CLOUDS[cloud]
    monkeypatch.setattr(exchange, "audience", f"https://{names.exchange}")
    port = urlsplit(place.reach.clouds.graph_authority or "").port or 0
    with https_proxy(dict.fromkeys((f"{name}:443" for name in NAMES), port)) as proxy:
        look = place.look("imap", cloud=cloud)
        look.reach = Reach(HERE, ca_file=place.reach.ca_file, https_proxy=proxy.url)
        assert await look.run() is None
    assert set(proxy.asked) == {f"{names.sign_in}:443"}
    shown = _token_shown(look.step(StepName.AUTHENTICATE))
    assert shown["authority"] == f"https://{names.sign_in}"
    assert shown["scope"] == f"https://{names.exchange}/.default"


@PROTOCOLS
async def test_a_token_without_the_permission_is_refused_with_the_servers_reason(
    place: Place, protocol: str
) -> None:
    place.app.exchange_roles = frozenset()
    look = place.look(protocol)
    assert await look.failure() is FailureCode.AUTH_TOKEN_REFUSED
    login = look.step(StepName.AUTHENTICATE)
    assert login.detail["status"] == "401"
    assert _token_shown(login)["roles"] == []


@PROTOCOLS
async def test_a_token_opens_no_other_mailbox(place: Place, protocol: str) -> None:
    look = place.look(protocol, name=place.dovecot.add_user().username)
    assert await look.failure() is FailureCode.AUTH_TOKEN_REFUSED


async def test_a_secret_that_is_refused_reaches_no_mail_server(place: Place) -> None:
    look = place.look("imap", secret="wrong")
    assert await look.failure() is FailureCode.GRAPH_SECRET_INVALID
    assert look.step_names == ["resolve", "connect", "tls", "authenticate"]


async def test_neither_secret_nor_token_is_shown(place: Place) -> None:
    place.app.exchange_roles = frozenset()
    look = place.look("imap")
    await look.failure()
    shown = repr((look.journal.steps, look.journal.transcript, look.journal.warnings))
    assert SECRET not in shown
    assert entra.issue(place.app, entra.EXCHANGE).split(".")[0] not in shown


@PROTOCOLS
async def test_a_server_that_offers_no_tokens_is_sent_none(
    place: Place, dovecot: Dovecot, protocol: str
) -> None:
    look = place.look(protocol)
    oauth = look.target.oauth if isinstance(look.target, ImapTarget | Pop3Target) else None
    assert oauth is not None
    look.target = target_at(dovecot, protocol, oauth)
    assert await look.failure() is FailureCode.AUTH_MECHANISM_NOT_OFFERED


async def test_a_password_is_not_taken_for_an_apps_secret(place: Place) -> None:
    look = place.look("imap")
    look.credentials = credentials_of(place.mailbox)
    assert await look.failure() is FailureCode.UNSUPPORTED_JOB


async def test_an_outgoing_server_beside_it_gets_the_accounts_password_and_no_token(place: Place) -> None:
    async with hostile_server(_submission) as outgoing:
        look = _with_outgoing(place.look("imap"), outgoing.port)
        look.credentials = look.credentials.model_copy(update={"password": SecretStr("open-sesame")})
        assert await look.run() is None
    said = base64.b64encode(f"\0{place.mailbox.username}\0open-sesame".encode())
    assert b"AUTH PLAIN " + said in outgoing.heard
    assert look.step(StepName.SMTP_AUTHENTICATE).outcome is StepOutcome.OK


async def test_without_a_password_the_outgoing_server_gets_no_login(place: Place) -> None:
    async with hostile_server(_submission) as outgoing:
        look = _with_outgoing(place.look("imap"), outgoing.port)
        assert await look.run() is None
    assert b"AUTH" not in outgoing.heard
    assert look.step(StepName.SMTP_AUTHENTICATE).outcome is StepOutcome.SKIPPED


def _with_outgoing(look: Look, port: int) -> Look:
    server = MailServer(host=HOST, port=port, encryption=Encryption.NONE, authentication=Authentication.PLAIN)
    look.target = look.target.model_copy(update={"outgoing": server})
    return look


async def _submission(peer: Peer) -> None:
    await peer.send(b"220 mail.example.test")
    await peer.line()
    await peer.send(b"250-mail.example.test", b"250 AUTH PLAIN")
    if (await peer.line()).startswith(b"AUTH"):
        await peer.send(b"235 2.7.0 welcome")
        await peer.line()
    await peer.send(b"221 bye")


def _token_shown(login: Step) -> dict[str, object]:
    shown = login.detail["token"]
    assert isinstance(shown, dict)
    return {**shown}
