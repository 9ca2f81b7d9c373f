"""The Director's own mail through the proxy of its settings, to the clouds by their real names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from director_api.clock import new_id, utc_now
from director_api.mail_settings.schemas import GmailMailRead, GraphMailRead, Transport
from director_api.mail_settings.service import OutgoingMail
from director_api.outbox.clouds import Clouds
from director_api.outbox.failures import SendFailed
from director_api.outbox.mailer import Mailer
from director_api.outbox.message import verification_message
from director_api.way_out import WayOut
from sandbox.graph.tenant import App
from tests.servers.google.project import ServiceAccount
from tests.servers.google.sending import SEND
from tests.servers.google.service import GoogleService, google_service
from tests.servers.graph import GraphService, graph_service
from tests.servers.https_proxy import HttpsProxy, https_proxy
from tests.servers.microsoft_clouds import CLOUDS, NAMES
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Cloud
from wire_contract.verification_code import new_code, subject_for

CLIENT = "99999999-8888-7777-6666-555555555555"
SECRET = "vEry~Secret.Value_of-the-app"  # because only the stand-in takes it
SENDER, READER = "director@example.test", "alice@example.test"
GOOGLE = ("oauth2.googleapis.com", "gmail.googleapis.com")


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[GraphService]:
    (folder := tmp_path / "graph").mkdir()
    with graph_service(folder, *NAMES) as service:
        service.tenant.add_app(App(CLIENT, SECRET, frozenset({"Mail.Send"})))
        service.tenant.add_mailbox(SENDER)
        service.tenant.add_mailbox(READER)
        yield service


@pytest.fixture
def google(tmp_path: Path) -> Iterator[GoogleService]:
    (folder := tmp_path / "google").mkdir()
    with google_service(folder, *GOOGLE) as service:
        service.project.add_account(SENDER)
        service.project.add_account(READER)
        yield service


async def _send(outgoing: OutgoingMail, proxy: HttpsProxy, ca_file: Path, code: str) -> str:
    """Send by the clouds' own addresses: nothing but the way there is set."""
    mailer = Mailer(Clouds(way_out=WayOut(ca_file, proxy.url)))
    return await mailer.send(outgoing, verification_message(SENDER, READER, code, new_id()))


def _by_graph(graph: GraphService, cloud: Cloud) -> OutgoingMail:
    settings = GraphMailRead(
        transport=Transport.MICROSOFT_GRAPH,
        from_address=SENDER,
        tenant_id=graph.tenant.id,
        client_id=CLIENT,
        cloud=cloud,
        client_secret={"set": True, "changed_at": utc_now()},
    )
    return OutgoingMail(settings, SecretStr(SECRET))


def _by_gmail(google: GoogleService) -> OutgoingMail:
    robot = ServiceAccount("sender@project.iam.example.test", delegated=frozenset({SEND}))
    google.project.add_service_account(robot)
    settings = GmailMailRead(
        transport=Transport.GMAIL,
        from_address=SENDER,
        service_account_json={"set": True, "changed_at": utc_now()},
    )
    return OutgoingMail(settings, SecretStr(robot.key_file()))


def _leads(port: int, *names: str) -> dict[str, int]:
    return dict.fromkeys((f"{name}:443" for name in names), port)


@pytest.mark.parametrize("cloud", Cloud)
async def test_a_code_leaves_by_graph_in_each_cloud_and_no_other_is_asked(
    graph: GraphService, cloud: Cloud
) -> None:
    code = new_code()
    with https_proxy(_leads(graph.port, *NAMES)) as proxy:
        answer = await _send(_by_graph(graph, cloud), proxy, graph.ca_file, code)

    assert answer.startswith("202 Accepted")
    assert [message.subject for message in graph.tenant.mailboxes[READER].messages] == [subject_for(code)]
    names = CLOUDS[cloud]
    assert set(proxy.asked) == {f"{names.sign_in}:443", f"{names.graph}:443"}


async def test_a_code_leaves_by_gmail(google: GoogleService) -> None:
    code = new_code()
    with https_proxy(_leads(google.port, *GOOGLE)) as proxy:
        answer = await _send(_by_gmail(google), proxy, google.ca_file, code)

    assert answer.startswith("200 ")
    (arrived,) = google.project.accounts[READER].messages
    assert arrived.headers["Subject"] == subject_for(code)
    assert set(proxy.asked) == {f"{name}:443" for name in GOOGLE}


@pytest.mark.parametrize("refused", [*GOOGLE, "login.microsoftonline.com", "graph.microsoft.com"])
async def test_a_proxy_that_refuses_a_host_is_named_and_asked_again_later(
    google: GoogleService, graph: GraphService, refused: str
) -> None:
    by_gmail = refused in GOOGLE
    service, names = (google, GOOGLE) if by_gmail else (graph, tuple(NAMES))
    outgoing = _by_gmail(google) if by_gmail else _by_graph(graph, Cloud.GLOBAL)
    leads = _leads(service.port, *(name for name in names if name != refused))
    with https_proxy(leads) as proxy, pytest.raises(SendFailed) as failed:
        await _send(outgoing, proxy, service.ca_file, new_code())

    assert (failed.value.code, failed.value.permanent) == (FailureCode.SEND_DEFERRED, False)
    assert failed.value.server_reply == "proxy_refused: 403 Not on the list"
    assert proxy.asked[-1] == f"{refused}:443"


async def test_a_proxy_that_opens_tls_is_not_trusted_with_the_secret_unless_the_settings_say_so(
    graph: GraphService,
) -> None:
    with https_proxy(_leads(graph.port, *NAMES)) as proxy:
        mailer = Mailer(Clouds(way_out=WayOut(https_proxy=proxy.url)))
        message = verification_message(SENDER, READER, new_code(), new_id())
        with pytest.raises(SendFailed) as failed:
            await mailer.send(_by_graph(graph, Cloud.GLOBAL), message)

    assert failed.value.code is FailureCode.SEND_TLS_FAILED
    assert graph.tenant.asked == []
