"""The providers that are known without asking anyone: a table."""

from dataclasses import dataclass
from enum import StrEnum

from wire_contract.jobs import Encryption

_SSL, _STARTTLS = Encryption.SSL_TLS, Encryption.STARTTLS


class Advice(StrEnum):
    """What a provider wants of whoever fills in a profile."""

    APP_PASSWORD = "app_password"  # noqa: S105  # because it is the name of an advice
    USE_GRAPH = "use_graph"
    USE_GMAIL = "use_gmail"
    BASIC_AUTHENTICATION_OFF = "basic_authentication_off"


ADVICE_TEXTS: dict[Advice, str] = {
    Advice.APP_PASSWORD: "The account's own password is refused: make an app password at the provider and "
    "enter that.",
    Advice.USE_GRAPH: "Use the server type microsoft_graph: basic authentication is off in Microsoft 365.",
    Advice.USE_GMAIL: "Better use the server type gmail, which needs no password; over IMAP an app password "
    "is needed.",
    Advice.BASIC_AUTHENTICATION_OFF: "Passwords are refused over IMAP and POP3, app passwords too: log in by "
    "OAuth (authentication xoauth2), or use another mailbox.",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A server of a provider."""

    host: str
    port: int
    encryption: Encryption


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider, found by a mail domain or by the end of a mail exchanger's name."""

    id: str
    name: str
    server_type: str
    domains: tuple[str, ...]
    exchangers: tuple[str, ...]
    imap: Server | None
    pop3: Server | None
    smtp: Server
    advice: tuple[Advice, ...]


PROVIDERS: tuple[Provider, ...] = (
    Provider(
        id="microsoft_365",
        name="Microsoft 365",
        server_type="microsoft_graph",
        domains=(),
        exchangers=(".mail.protection.outlook.com", ".mx.microsoft"),
        imap=Server("outlook.office365.com", 993, _SSL),
        pop3=Server("outlook.office365.com", 995, _SSL),
        smtp=Server("smtp.office365.com", 587, _STARTTLS),
        advice=(Advice.USE_GRAPH,),
    ),
    Provider(
        id="outlook_com",
        name="Outlook.com",
        server_type="imap",
        domains=("outlook.com", "hotmail.com", "live.com", "msn.com"),
        exchangers=(".olc.protection.outlook.com",),
        imap=Server("outlook.office365.com", 993, _SSL),
        pop3=Server("outlook.office365.com", 995, _SSL),
        smtp=Server("smtp-mail.outlook.com", 587, _STARTTLS),
        advice=(Advice.BASIC_AUTHENTICATION_OFF,),
    ),
    Provider(
        id="gmail",
        name="Gmail and Google Workspace",
        server_type="gmail",
        domains=("gmail.com", "googlemail.com"),
        exchangers=(".google.com", ".googlemail.com"),
        imap=Server("imap.gmail.com", 993, _SSL),
        pop3=Server("pop.gmail.com", 995, _SSL),
        smtp=Server("smtp.gmail.com", 465, _SSL),
        advice=(Advice.USE_GMAIL,),
    ),
    Provider(
        id="aol",
        name="AOL",
        server_type="imap",
        domains=("aol.com", "aim.com"),
        exchangers=("mx-aol.mail.gm0.yahoodns.net",),
        imap=Server("imap.aol.com", 993, _SSL),
        pop3=Server("pop.aol.com", 995, _SSL),
        smtp=Server("smtp.aol.com", 465, _SSL),
        advice=(Advice.APP_PASSWORD,),
    ),
    Provider(
        id="yahoo",
        name="Yahoo",
        server_type="imap",
        domains=("yahoo.com", "ymail.com", "rocketmail.com"),
        exchangers=(".yahoodns.net",),
        imap=Server("imap.mail.yahoo.com", 993, _SSL),
        pop3=Server("pop.mail.yahoo.com", 995, _SSL),
        smtp=Server("smtp.mail.yahoo.com", 465, _SSL),
        advice=(Advice.APP_PASSWORD,),
    ),
    Provider(
        id="icloud",
        name="iCloud",
        server_type="imap",
        domains=("icloud.com", "me.com", "mac.com"),
        exchangers=(".mail.icloud.com",),
        imap=Server("imap.mail.me.com", 993, _SSL),
        pop3=None,
        smtp=Server("smtp.mail.me.com", 587, _STARTTLS),
        advice=(Advice.APP_PASSWORD,),
    ),
    Provider(
        id="fastmail",
        name="Fastmail",
        server_type="imap",
        domains=("fastmail.com", "fastmail.fm"),
        exchangers=(".messagingengine.com",),
        imap=Server("imap.fastmail.com", 993, _SSL),
        pop3=Server("pop.fastmail.com", 995, _SSL),
        smtp=Server("smtp.fastmail.com", 465, _SSL),
        advice=(Advice.APP_PASSWORD,),
    ),
)


def by_domain(domain: str) -> Provider | None:
    """Return the provider whose own domain this is."""
    return next((provider for provider in PROVIDERS if domain.lower() in provider.domains), None)


def by_exchangers(hosts: tuple[str, ...]) -> Provider | None:
    """Return the provider that takes the domain's mail, by its preferred exchanger; the longest name wins."""
    for host in hosts:
        name = f".{host.lower().rstrip('.')}"
        fitting = [
            (len(end), provider)
            for provider in PROVIDERS
            for end in provider.exchangers
            if name.endswith(end)
        ]
        if fitting:
            return max(fitting, key=lambda found: found[0])[1]
    return None
