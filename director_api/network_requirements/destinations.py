"""Where a profile's Actors connect to, by server type; pure tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from director_api.email_profiles.configured import Configured
from mail_transport.microsoft.clouds import Endpoints, endpoints_of
from wire_contract.jobs import Cloud, OAuthProvider

_HTTPS = 443
_GOOGLE = "oauth2.googleapis.com"
_PROTECTED = {"none": "without encryption", "starttls": "STARTTLS", "ssl_tls": "TLS"}


@dataclass(frozen=True, slots=True)
class Destination:
    """One place. ``step``: the diagnostic step that shows the addresses that its name resolves to."""

    host: str
    port: int
    purpose: str
    step: str | None = None


def destinations_of(mailbox: Configured) -> list[Destination]:
    """Return where an Actor connects to, in the order in which it does."""
    configuration = mailbox.configuration
    if mailbox.server_type == "microsoft_graph":
        microsoft = _microsoft(configuration["graph"])
        return [
            Destination(_host(microsoft.authority), _HTTPS, "Sign-in at Microsoft Entra (HTTPS)"),
            Destination(_host(microsoft.graph), _HTTPS, "Reading the mailbox by Microsoft Graph (HTTPS)"),
        ]
    if mailbox.server_type == "gmail":
        return [
            Destination(_GOOGLE, _HTTPS, "Sign-in at Google (HTTPS)"),
            Destination("gmail.googleapis.com", _HTTPS, "Reading the mailbox by the Gmail API (HTTPS)"),
        ]
    return list(_mail_servers(mailbox.server_type, configuration))


def _mail_servers(server_type: str, configuration: dict[str, Any]) -> Iterator[Destination]:
    oauth = configuration.get("oauth")
    if oauth:
        by_microsoft = oauth["provider"] == OAuthProvider.MICROSOFT
        host = _host(_microsoft(oauth).authority) if by_microsoft else _GOOGLE
        yield Destination(host, _HTTPS, "Token for the login (HTTPS)")
    incoming, outgoing = configuration["incoming"], configuration["outgoing"]
    reading = f"Reading the mailbox by {server_type.upper()} ({_PROTECTED[incoming['encryption']]})"
    yield Destination(incoming["host"], incoming["port"], reading, "resolve")
    if outgoing:
        sending = f"Sending mail by SMTP ({_PROTECTED[outgoing['encryption']]})"
        yield Destination(outgoing["host"], outgoing["port"], sending, "smtp_resolve")


def _microsoft(app: dict[str, Any]) -> Endpoints:
    return endpoints_of(Cloud(app["cloud"]), authority=None, graph=None)


def _host(url: str) -> str:
    return urlsplit(url).netloc
