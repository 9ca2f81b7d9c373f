"""Look-ups against a real name server and a real HTTPS server."""

import http.server
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from actor_agent.autoconfig.looking_up import LookUp
from actor_agent.reach import Reach
from mail_transport.egress import EgressPolicy
from tests.servers.dnsmasq import Dnsmasq
from tests.servers.folders import server_folder
from tests.servers.ports import HOST, free_ports
from tests.servers.serving import served
from wire_contract.autoconfig import AutoconfigFindings, Source
from wire_contract.jobs import Encryption

CONFIG = b"""<?xml version="1.0"?>
<clientConfig version="1.1"><emailProvider id="localhost">
  <incomingServer type="imap"><hostname>imap.%EMAILDOMAIN%</hostname><port>993</port>
    <socketType>SSL</socketType><username>%EMAILADDRESS%</username>
    <authentication>password-cleartext</authentication></incomingServer>
  <incomingServer type="exchange"><hostname>x</hostname><port>443</port><socketType>SSL</socketType></incomingServer>
  <outgoingServer type="smtp"><hostname>smtp.example.test</hostname><port>587</port>
    <socketType>STARTTLS</socketType><username>%EMAILLOCALPART%</username></outgoingServer>
</emailProvider></clientConfig>"""
PATH = "/.well-known/autoconfig/mail/config-v1.1.xml"


@pytest.fixture(scope="module")
def dnsmasq() -> Iterator[Dnsmasq]:
    """A name server with a domain that names everything, and one that names nothing."""
    records = (
        "--mx-host=full.test,mx2.full.test,20",
        "--mx-host=full.test,mx1.full.test,10",
        "--srv-host=_imaps._tcp.full.test,imap.full.test,993,10",
        "--srv-host=_imap._tcp.full.test,imap.full.test,143,10",
        "--srv-host=_pop3._tcp.full.test",  # decidedly not there
        "--srv-host=_submission._tcp.full.test,smtp.full.test,587,10",
    )
    with server_folder() as folder, Dnsmasq(folder, *records) as server:
        yield server


class Files(http.server.BaseHTTPRequestHandler):
    """Serves what ``answers`` holds."""

    answers: dict[str, tuple[int, bytes]] = {}  # noqa: RUF012  # because the tests fill it
    asked: list[str] = []  # noqa: RUF012  # because the tests read it

    def do_GET(self) -> None:  # because the library wants it so
        """Answer."""
        self.asked.append(self.path)
        status, body = self.answers.get(self.path, (404, b""))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # because the library names it so
        """Say nothing."""


@pytest.fixture
def https_port(ca: trustme.CA) -> Iterator[int]:
    """An HTTPS server on loopback."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    server = http.server.ThreadingHTTPServer((HOST, 0), Files)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Files.answers, Files.asked = {}, []
    with served(server) as port:
        yield port


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: Path) -> Path:
    """The authority of the HTTPS server."""
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


def tried(findings: AutoconfigFindings) -> dict[str, str | None]:
    """Return what came of each place."""
    return {one.place: one.detail for one in findings.tried}


async def test_what_the_name_server_says(dnsmasq: Dnsmasq) -> None:
    findings = await LookUp(Reach(dns_server=(HOST, dnsmasq.port)), free_ports(1)[0]).of("carl@full.test")
    assert findings.mail_exchangers == ("mx1.full.test", "mx2.full.test")
    assert [(server.host, server.port, server.encryption) for server in findings.servers] == [
        ("imap.full.test", 993, Encryption.SSL_TLS),
        ("imap.full.test", 143, Encryption.STARTTLS),
        ("smtp.full.test", 587, Encryption.STARTTLS),
    ]
    assert tried(findings)["SRV _pop3s._tcp.full.test"] == "no such record"


async def test_a_domain_that_names_nothing_is_an_answer(dnsmasq: Dnsmasq) -> None:
    findings = await LookUp(Reach(dns_server=(HOST, dnsmasq.port)), free_ports(1)[0]).of("carl@none.test")
    assert (findings.servers, findings.mail_exchangers) == ((), ())
    assert len(findings.tried) == 9


async def test_a_name_server_that_is_not_there_is_told() -> None:
    findings = await LookUp(Reach(dns_server=(HOST, free_ports(1)[0])), free_ports(1)[0]).of("c@full.test")
    (mx,) = [one for one in findings.tried if one.source is Source.MX]
    assert not mx.answered


async def test_the_domains_own_file_comes_first(dnsmasq: Dnsmasq, https_port: int, ca_file: Path) -> None:
    Files.answers[PATH] = (200, CONFIG)
    reach = Reach(EgressPolicy.parse(HOST), ca_file=ca_file, dns_server=(HOST, dnsmasq.port))
    findings = await LookUp(reach, https_port).of("carl@localhost")
    imap, smtp = findings.servers
    assert (imap.source, imap.host, imap.username) == (Source.AUTOCONFIG, "imap.localhost", "carl@localhost")
    assert (smtp.port, smtp.encryption, smtp.username) == (587, Encryption.STARTTLS, "carl")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (302, b"", "HTTP 302"),
        (200, b"<html>", "no XML: ParseError"),
        (200, b"<html></html>", "no autoconfiguration file"),
        (200, b'<!DOCTYPE x [<!ENTITY a "b">]><clientConfig>&a;</clientConfig>', "no XML: DTDForbidden"),
        (200, b" " * 300_000, "longer than 262144 bytes"),
    ],
)
async def test_a_hostile_file_names_nothing_and_a_redirect_is_not_followed(
    dnsmasq: Dnsmasq, https_port: int, ca_file: Path, status: int, body: bytes, said: str
) -> None:
    Files.answers[PATH] = (status, body)
    reach = Reach(EgressPolicy.parse(HOST), ca_file=ca_file, dns_server=(HOST, dnsmasq.port))
    findings = await LookUp(reach, https_port).of("carl@localhost")
    assert findings.servers == ()
    assert tried(findings)[f"https://localhost:{https_port}{PATH}"] == said
    assert "/elsewhere" not in Files.asked


async def test_a_strangers_domain_leads_to_no_private_network(dnsmasq: Dnsmasq, https_port: int) -> None:
    reach = Reach(dns_server=(HOST, dnsmasq.port))
    findings = await LookUp(reach, https_port).of("carl@localhost")
    assert tried(findings)[f"https://localhost:{https_port}{PATH}"] == "egress_not_allowed"
    assert Files.asked == []


def test_private_networks_must_be_named() -> None:
    anywhere = EgressPolicy()
    assert anywhere.allows("mail.corp.test", "10.1.2.3", 443)
    assert not anywhere.public().allows("mail.corp.test", "10.1.2.3", 443)
    assert anywhere.public().allows("mail.example.test", "8.8.8.8", 443)
    named = EgressPolicy.parse("10.0.0.0/8, *.example.test").public()
    assert named.allows("mail.corp.test", "10.1.2.3", 443)
    assert not named.allows("mail.example.test", "192.168.1.1", 443)
