"""Thunderbird's autoconfiguration file, which a domain may publish over HTTPS (config-v1.1.xml)."""

import re
from collections.abc import Iterator
from urllib.parse import quote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from mail_transport.failures import MailFailure
from mail_transport.web import WebClient
from wire_contract.autoconfig import FoundServer, Protocol, Source, Tried
from wire_contract.jobs import Encryption

MAX_FILE_BYTES = 256 * 1024
_MOST_SERVERS = 12
_PROTOCOLS = {"imap": Protocol.IMAP, "pop3": Protocol.POP3, "smtp": Protocol.SMTP}
_SOCKETS = {"plain": Encryption.NONE, "SSL": Encryption.SSL_TLS, "STARTTLS": Encryption.STARTTLS}
_HOST = re.compile(r"^[A-Za-z0-9_.-]{1,253}$")


def places(address: str, port: int = 443) -> tuple[str, ...]:
    """Return the two addresses where the domain's own file may be, in the order of preference."""
    domain = address.rpartition("@")[2]
    named = "" if port == 443 else f":{port}"
    return (
        f"https://autoconfig.{domain}{named}/mail/config-v1.1.xml?emailaddress={quote(address)}",
        f"https://{domain}{named}/.well-known/autoconfig/mail/config-v1.1.xml",
    )


async def ask(web: WebClient, url: str, address: str) -> tuple[list[FoundServer], Tried]:
    """Fetch and read one file; whatever stands in the way is told, not raised."""
    place = url.partition("?")[0][:512]

    def tried(detail: str, *, answered: bool = True) -> Tried:
        return Tried(source=Source.AUTOCONFIG, place=place, answered=answered, detail=detail)

    try:
        answer = await web.ask("GET", url, {"Accept": "application/xml, text/xml"})
    except MailFailure as failure:
        return [], tried(failure.code.value, answered=False)
    if answer.status != 200:
        return [], tried(f"HTTP {answer.status}")
    try:
        servers = read(answer.body, address)
    except ValueError as error:
        return [], tried(str(error))
    return servers, tried(f"{len(servers)} servers")


def read(content: bytes, address: str) -> list[FoundServer]:
    """Return the servers that a file names, in its order, which is the provider's preference.

    Raises:
        ValueError: it is too long, or no such file.
    """
    if len(content) > MAX_FILE_BYTES:
        raise ValueError(f"longer than {MAX_FILE_BYTES} bytes")
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, UnicodeError, LookupError, ValueError) as error:
        raise ValueError(f"no XML: {type(error).__name__}") from error
    if root.tag != "clientConfig":
        raise ValueError("no autoconfiguration file")
    return list(_servers(root, address))[:_MOST_SERVERS]


def _servers(root: Element, address: str) -> Iterator[FoundServer]:
    for element in (*root.iter("incomingServer"), *root.iter("outgoingServer")):
        protocol = _PROTOCOLS.get(element.get("type", ""))
        encryption = _SOCKETS.get(_text(element, "socketType"))
        host = _filled(_text(element, "hostname"), address).lower()
        port = _text(element, "port")
        usable = port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535
        if protocol is None or encryption is None or not usable or not _HOST.match(host):
            continue
        yield FoundServer(
            source=Source.AUTOCONFIG,
            protocol=protocol,
            host=host,
            port=int(port),
            encryption=encryption,
            authentication=_text(element, "authentication")[:128] or None,
            username=_filled(_text(element, "username"), address)[:320] or None,
        )


def _text(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _filled(text: str, address: str) -> str:
    local, _, domain = address.rpartition("@")
    for name, value in (
        ("%EMAILADDRESS%", address),
        ("%EMAILLOCALPART%", local),
        ("%EMAILDOMAIN%", domain),
    ):
        text = text.replace(name, value)
    return text
