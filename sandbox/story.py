"""What the demo shows: seven mailboxes, each with the end that it must come to."""

import smtplib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage

from sandbox.director import Director, Json
from sandbox.installation import HOST, MailServer
from sandbox.table import Row, Table

ZONES = {"office-1": "Office", "dmz-1": "DMZ"}  # each Actor with its security zone
VERIFY_SECONDS = 40.0
_LOOK_SECONDS = 0.2

USERS = {
    "anna@example.test": "correct-horse",
    "ben@example.test": "battery-staple",
    "dora@example.test": "purple-monkey",
    "emil@example.test": "dish-washer",
    "fritz@example.test": "rubber-duck",
    "carla@example.test": "tr0ub4dor",
}
GRAPH_MAILBOX = "greta@contoso.test"
GRAPH_APP = "99999999-8888-7777-6666-555555555555"
GRAPH_SECRET = "a-secret-of-the-stand-in"  # because nothing else takes it


@dataclass(frozen=True)
class Chapter:
    """One mailbox. `failure_code` is what each Actor must end with; None is Verified."""

    title: str
    address: str
    actors: Sequence[str]
    manual: bool = False
    protocol: str = "imap"
    encryption: str = "none"
    authentication: str = "plain"
    password: str = field(default="", repr=False)
    failure_code: str | None = None


CHAPTERS = (
    Chapter("IMAP, verified automatically by both Actors", "anna@example.test", ("office-1", "dmz-1")),
    Chapter(
        "IMAP with STARTTLS, verified by a message that a person sends",
        "ben@example.test",
        ("office-1", "dmz-1"),
        manual=True,
        encryption="starttls",
    ),
    Chapter(
        "IMAP in TLS with NTLM",
        "dora@example.test",
        ("office-1", "dmz-1"),
        encryption="ssl_tls",
        authentication="ntlm",
    ),
    Chapter(
        "POP3 with STLS, by one Actor after the other",
        "emil@example.test",
        ("office-1", "dmz-1"),
        protocol="pop3",
        encryption="starttls",
    ),
    Chapter(
        "POP3 in TLS with NTLM",
        "fritz@example.test",
        ("dmz-1",),
        protocol="pop3",
        encryption="ssl_tls",
        authentication="ntlm",
    ),
    Chapter(
        "Microsoft Graph by an app's own secret, against a stand-in",
        GRAPH_MAILBOX,
        ("office-1", "dmz-1"),
        protocol="microsoft_graph",
    ),
    Chapter(
        "has a wrong password, so it must end Unverified",
        "carla@example.test",
        ("dmz-1",),
        password="not-carlas-password",
        failure_code="auth_invalid_credentials",
    ),
)


@dataclass(frozen=True)
class Ending:
    """A chapter with the verification that it came to."""

    chapter: Chapter
    verification: Json

    def differences(self) -> list[str]:
        """Return a sentence for each way in which it isn't what it should be."""
        checks = {check["actor"]["name"]: check for check in self.verification["checks"]}
        if set(checks) != set(self.chapter.actors):
            return [
                f"{self.chapter.address}: checked by {sorted(checks)}, not by {sorted(self.chapter.actors)}"
            ]
        return [text for name, check in checks.items() if (text := self._difference(name, check))]

    def _difference(self, actor: str, check: Json) -> str | None:
        expected = "verified" if self.chapter.failure_code is None else "unverified"
        proof = None if self.chapter.failure_code else "manual" if self.chapter.manual else "retrieved"
        wanted = (expected, self.chapter.failure_code, proof)
        came = (check["state"], check["failure_code"], check["proof"])
        if came == wanted:
            return None
        return f"{self.chapter.address} on {actor}: should be {_words(wanted)}, is {_words(came)}"


def create_profiles(director: Director, mail: MailServer, tenant_id: str) -> dict[str, Chapter]:
    """Make a profile for each chapter and return the chapters by profile id."""
    ids = director.actor_ids()
    profiles = {}
    for chapter in CHAPTERS:
        way_in = _by_graph(tenant_id) if chapter.protocol == "microsoft_graph" else _by_servers(chapter, mail)
        common = _common(chapter, [ids[name] for name in chapter.actors])
        profiles[director.create_profile(common | way_in)] = chapter
    return profiles


def send_by_hand(subject: str, address: str, mail: MailServer) -> None:
    """Do what a person does in manual mode: send a message with this subject from any mail program."""
    message = EmailMessage()
    message["From"] = "a.person@example.test"
    message["To"] = address
    message["Subject"] = subject
    message.set_content("Sent by hand.\n")
    with smtplib.SMTP(HOST, mail.smtp_port) as smtp:
        smtp.send_message(message)


def verify_all(
    director: Director, profiles: dict[str, Chapter], table: Table, check: Callable[[], None]
) -> list[Ending]:
    """Verify every profile and show the table until all have ended, or VERIFY_SECONDS are over."""
    table.show(_rows(director))
    running = {profile_id: director.verify(profile_id) for profile_id in profiles}
    deadline = time.monotonic() + VERIFY_SECONDS
    while True:
        table.show(_rows(director))
        endings = [Ending(profiles[profile], director.verification(run)) for profile, run in running.items()]
        if (
            all(ending.verification["state"] != "running" for ending in endings)
            or time.monotonic() > deadline
        ):
            table.show(_rows(director))
            return endings
        check()
        time.sleep(_LOOK_SECONDS)


def _rows(director: Director) -> list[Row]:
    return [Row.of(profile) for profile in director.profiles()]


def _common(chapter: Chapter, actor_ids: list[str]) -> Json:
    return {
        "server_type": chapter.protocol,
        "email_address": chapter.address,
        "security_zone_id": None,
        "actor_ids": actor_ids,
        "send_verification_manually": chapter.manual,
    }


def _by_graph(tenant_id: str) -> Json:
    return {"graph": {"tenant_id": tenant_id, "client_id": GRAPH_APP, "client_secret": GRAPH_SECRET}}


def _by_servers(chapter: Chapter, mail: MailServer) -> Json:
    return {
        "account": {"username": chapter.address, "password": chapter.password or USERS[chapter.address]},
        "incoming": _server(chapter, mail, chapter.protocol),
        "outgoing": _server(chapter, mail, "smtp"),
        "tls": {"ca_certificate": mail.ca_certificate},
    }


def _server(chapter: Chapter, mail: MailServer, protocol: str) -> Json:
    return {
        "host": HOST,
        "port": mail.port(protocol, chapter.encryption),
        "encryption": chapter.encryption,
        "authentication": chapter.authentication,
    }


def _words(end: tuple[str, str | None, str | None]) -> str:
    return " / ".join(word or "-" for word in end)
