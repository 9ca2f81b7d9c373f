"""A look-up for autoconfiguration: what an address's domain says of its mail servers."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from wire_contract.base import Flag, HostName, Line, ShortText, WireModel
from wire_contract.jobs import Encryption, Port

MAX_SERVERS = 24
MAX_EXCHANGERS = 16


class Protocol(StrEnum):
    """What a server is for."""

    IMAP = "imap"
    POP3 = "pop3"
    SMTP = "smtp"


class Source(StrEnum):
    """Where an answer came from, the most specific first."""

    AUTOCONFIG = "autoconfig"
    SRV = "srv"
    MX = "mx"


class FoundServer(WireModel):
    """A server that the domain names. ``username``: what to log in with, such as ``%EMAILADDRESS%``.

    ``authentication`` is Thunderbird's word for it (``password-cleartext``, ``OAuth2``, …).
    """

    source: Source
    protocol: Protocol
    host: HostName
    port: Port
    encryption: Encryption
    authentication: ShortText | None = None
    username: Line | None = None


class Tried(WireModel):
    """One place that was asked, and what came of it."""

    source: Source
    place: Line
    answered: Flag
    detail: Line | None = None


class AutoconfigFindings(WireModel):
    """All that was found, best first."""

    domain: HostName
    servers: Annotated[tuple[FoundServer, ...], Field(max_length=MAX_SERVERS)] = ()
    mail_exchangers: Annotated[tuple[HostName, ...], Field(max_length=MAX_EXCHANGERS)] = ()
    tried: Annotated[tuple[Tried, ...], Field(max_length=32)] = ()
