"""Starts the parts of an installation in the order in which a person would."""

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.director import Director
from sandbox.processes import Children

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
SENDER = "director@example.test"

Say = Callable[[str], None]


@dataclass(frozen=True)
class MailServer:
    """Where the sandbox's mail server listens."""

    smtp_port: int
    smtps_port: int
    imap_port: int
    imaps_port: int
    pop3_port: int
    pop3s_port: int
    ca_certificate: str

    def port(self, protocol: str, encryption: str) -> int:
        """Return where `protocol` ("imap", "pop3", "smtp") is spoken with this encryption."""
        port: int = getattr(self, f"{protocol}{'s' if encryption == 'ssl_tls' else ''}_port")
        return port


@dataclass(frozen=True)
class GraphServer:
    """Where the stand-in for Microsoft Graph is, and where it takes mail."""

    url: str
    smtp_port: int
    tenant_id: str
    ca_certificate: str


class Installer:
    """Knows the commands; tells `say` about each step that is done."""

    def __init__(self, children: Children, folder: Path, say: Say) -> None:
        self._children = children
        self._folder = folder
        self._say = say
        self._director_env: dict[str, str] = {}
        self._cloud_env: dict[str, str] = {}
        self.token_file = folder / "admin-token"

    def start_graph(self, app: str, secret: str, address: str) -> GraphServer:
        """Start the stand-in for Microsoft Graph with one app and one mailbox; Actors made later use it."""
        command = [_program("python"), "-m", "sandbox.graph.server", "--mailbox", address]
        child = self._children.start(
            "Graph stand-in", [*command, "--app", f"{app}:{secret}"], cwd=ROOT, announces=True
        )
        server = GraphServer(**json.loads(child.announcement()))
        ca_file = self._folder / "graph-ca.pem"
        ca_file.write_text(server.ca_certificate)
        self._cloud_env = {
            "ACTOR_GRAPH_ROOT": server.url,
            "ACTOR_GRAPH_AUTHORITY": server.url,
            "ACTOR_CA_FILE": str(ca_file),
        }
        self._say(f"Stand-in for Microsoft Graph up on {server.url}")
        return server

    def start_mail_server(self, users: dict[str, str], relays: dict[str, int]) -> MailServer:
        """Start SMTP, IMAP and POP3 for `users` (address to password); pass on mail for domains in `relays`."""
        command = [str(ROOT / ".sandbox" / "bin" / "python"), "-m", "sandbox.mail_server"]
        for address, password in users.items():
            command += ["--user", f"{address}:{password}"]
        for domain, port in relays.items():
            command += ["--relay", f"{domain}:{port}"]
        child = self._children.start("mail server", command, cwd=ROOT, announces=True)
        server = MailServer(**json.loads(child.announcement()))
        self._say(
            f"Mail server up on {HOST}: SMTP on {server.smtp_port} and {server.smtps_port} (TLS), IMAP on "
            f"{server.imap_port} and {server.imaps_port}, POP3 on {server.pop3_port} and {server.pop3s_port}"
        )
        return server

    def start_director(self) -> Director:
        """Start a Director on a new SQLite database and make an administrator's token for it."""
        port = _free_port()
        self._director_env = {
            "DIRECTOR_DATABASE_URL": f"sqlite+aiosqlite:///{self._folder / 'director.db'}",
            "DIRECTOR_HOST": HOST,
            "DIRECTOR_PORT": str(port),
        }
        url = f"http://{HOST}:{port}"
        self._children.start("Director", [_program("director"), "serve"], env=self._director_env)
        director = Director(url)
        director.wait_until_ready(self._children.check)
        token = self._director_command("api-tokens", "create", "--name", "demo", "--role", "admin")
        director.use_token(token)
        self.token_file.touch(mode=0o600)
        self.token_file.write_text(token)
        self._say(f"Director up on {url}, with SQLite in {self._folder}")
        return director

    def add_actor(self, director: Director, name: str, *, zone: str) -> None:
        """Enroll an Actor into a new zone and start it."""
        director.create_zone(zone)
        token = self._director_command("enrollment-tokens", "create", "--zone", zone)
        env = {"ACTOR_STATE_DIR": str(self._folder / name), "ACTOR_EGRESS_ALLOW": HOST} | self._cloud_env
        enroll = [_program("actor"), "enroll", "--director", director.url, "--token", token, "--name", name]
        self._children.run(enroll, env=env)
        self._children.start(f"Actor {name}", [_program("actor"), "run"], env=env)
        self._say(f"Actor {name} enrolled in zone {zone}, and running")

    def _director_command(self, *arguments: str) -> str:
        return self._children.run([_program("director"), *arguments], env=self._director_env)


def _program(name: str) -> str:
    return str(ROOT / ".venv" / "bin" / name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
