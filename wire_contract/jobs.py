"""What an Actor leases: a job, for a limited time (design of the Actor protocol, steps 2 and 3)."""

import json
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from wire_contract.base import AwareDatetime, Identifier, ShortText, WireModel
from wire_contract.verification_code import LOCATOR_PATTERN

MAX_POLL_SECONDS = 60
LEASE_SECONDS = 60

Port = Annotated[int, Field(ge=1, le=65535)]
Locator = Annotated[str, Field(pattern=LOCATOR_PATTERN)]


class JobKind(StrEnum):
    """The kinds of job that this version knows. An Actor answers ``unsupported_job`` to another."""

    CHECK = "check"
    CONNECTIVITY = "connectivity"
    AUTOCONFIG = "autoconfig"


class Encryption(StrEnum):
    """How a connection to a mail server is protected."""

    NONE = "none"
    SSL_TLS = "ssl_tls"
    STARTTLS = "starttls"


class Authentication(StrEnum):
    """How an account proves itself to a mail server."""

    PLAIN = "plain"
    NTLM = "ntlm"
    XOAUTH2 = "xoauth2"


class TlsPolicy(WireModel):
    """What the server's certificate is held against."""

    ca_certificate: str | None = None
    pinned_sha256: str | None = None
    verify: bool = True


class MailServer(WireModel):
    """Where a mail server is and how it is spoken to. ``authentication`` null: none is needed."""

    host: Annotated[str, Field(max_length=255)]
    port: Port
    encryption: Encryption
    authentication: Authentication | None


class _MailTarget(WireModel):
    incoming: MailServer
    outgoing: MailServer | None = None
    tls: TlsPolicy = TlsPolicy()
    mailbox: Annotated[str, Field(max_length=320)] | None = None
    delete_verification_message: bool = False


class ImapTarget(_MailTarget):
    """A mailbox behind IMAP (RFC 3501, RFC 9051)."""

    server_type: Literal["imap"]


class Pop3Target(_MailTarget):
    """A mailbox behind POP3 (RFC 1939), which shows the inbox alone."""

    server_type: Literal["pop3"]


Target = Annotated[ImapTarget | Pop3Target, Field(discriminator="server_type")]


class Credentials(WireModel):
    """What is sealed to one Actor for one lease: an account's name and secret."""

    username: Annotated[str, Field(max_length=320)]
    password: SecretStr


class Lease(WireModel):
    """An Actor's time-limited hold on a job.

    ``locator`` is the first part of the code; an Actor is never given the whole. ``since`` is when
    the message may first have arrived, by the Director's clock and with slack. ``sealed`` holds
    :class:`Credentials` as JWE.
    """

    id: Identifier
    kind: ShortText
    check_id: Identifier
    expires_at: AwareDatetime
    locator: Locator | None = None
    earlier_locators: Annotated[tuple[Locator, ...], Field(max_length=16)] = ()
    since: AwareDatetime | None = None
    folders: Annotated[tuple[Annotated[str, Field(max_length=255)], ...], Field(max_length=16)] = ()
    target: Target
    sealed: Annotated[str, Field(max_length=65_536)]


class Control(WireModel):
    """What the Director asks of the Actor itself, beside or instead of work."""

    action: ShortText


class LeaseRequest(WireModel):
    """A poll: how many jobs the Actor has room for, and how long it will wait for one."""

    capacity: Annotated[int, Field(ge=1, le=64)]
    wait_seconds: Annotated[float, Field(ge=0, le=MAX_POLL_SECONDS)] = MAX_POLL_SECONDS


class LeaseAnswer(WireModel):
    """The answer to a poll that found work; 204 without a body says that there was none."""

    leases: tuple[Lease, ...]
    control: Control | None = None


def sealed_credentials(username: str, password: str) -> bytes:
    """Return what is to be sealed: the one place where a credential is written in clear."""
    return json.dumps({"username": username, "password": password}).encode()
