"""What an Actor leases: a job, for a limited time (design of the Actor protocol, steps 2 and 3)."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from wire_contract.base import AnInteger, AwareDatetime, Duration, Flag, Identifier, ShortText, WireModel
from wire_contract.verification_code import LOCATOR_PATTERN

MAX_POLL_SECONDS = 60
LEASE_SECONDS = 60

Port = Annotated[int, Field(ge=1, le=65535), AnInteger]
Locator = Annotated[str, Field(pattern=LOCATOR_PATTERN)]


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


class Cloud(StrEnum):
    """Microsoft's clouds, each with sign-in and Graph endpoints of its own."""

    GLOBAL = "global"
    US_GOVERNMENT = "us_government"
    US_GOVERNMENT_DOD = "us_government_dod"
    CHINA = "china"


class OAuthProvider(StrEnum):
    """Who issues the tokens of an account that logs in by OAuth."""

    MICROSOFT = "microsoft"
    GOOGLE = "google"


class GmailScope(StrEnum):
    """What the Gmail API lets an app read: headers alone, or whole messages."""

    METADATA = "metadata"
    READONLY = "readonly"


class TlsPolicy(WireModel):
    """What the server's certificate is held against."""

    ca_certificate: str | None = None
    pinned_sha256: str | None = None
    verify: Flag = True


class MailServer(WireModel):
    """Where a mail server is and how it is spoken to. ``authentication`` null: none is needed."""

    host: Annotated[str, Field(max_length=255)]
    port: Port
    encryption: Encryption
    authentication: Authentication | None


class OAuthApp(WireModel):
    """The app that an ``xoauth2`` login gets its token for; the tenant and the cloud are Microsoft's alone."""

    provider: OAuthProvider
    cloud: Cloud = Cloud.GLOBAL
    tenant_id: Annotated[str, Field(max_length=255)] | None = None
    client_id: Annotated[str, Field(max_length=255)]


class _MailTarget(WireModel):
    incoming: MailServer
    outgoing: MailServer | None = None
    oauth: OAuthApp | None = None
    tls: TlsPolicy = TlsPolicy()
    mailbox: Annotated[str, Field(max_length=320)] | None = None
    delete_verification_message: Flag = False


class ImapTarget(_MailTarget):
    """A mailbox behind IMAP (RFC 3501, RFC 9051)."""

    server_type: Literal["imap"]


class Pop3Target(_MailTarget):
    """A mailbox behind POP3 (RFC 1939), which shows the inbox alone."""

    server_type: Literal["pop3"]


class GraphTarget(WireModel):
    """A mailbox behind Microsoft Graph. ``mailbox`` is the one to read, by address or user principal name."""

    server_type: Literal["microsoft_graph"]
    tenant_id: Annotated[str, Field(max_length=255)]
    client_id: Annotated[str, Field(max_length=255)]
    cloud: Cloud = Cloud.GLOBAL
    mailbox: Annotated[str, Field(max_length=320)]
    delete_verification_message: Flag = False


class GmailTarget(WireModel):
    """A mailbox behind the Gmail API. ``client_id`` null: a service account reads it by delegation."""

    server_type: Literal["gmail"]
    client_id: Annotated[str, Field(max_length=255)] | None = None
    scope: GmailScope = GmailScope.METADATA
    mailbox: Annotated[str, Field(max_length=320)]
    delete_verification_message: Flag = False


MailTarget = ImapTarget | Pop3Target
Target = Annotated[ImapTarget | Pop3Target | GraphTarget | GmailTarget, Field(discriminator="server_type")]


class PasswordCredentials(WireModel):
    """An account's name and password."""

    kind: Literal["password"] = "password"  # because it names a kind
    username: Annotated[str, Field(max_length=320)]
    password: SecretStr


class ClientSecretCredentials(WireModel):
    """An app's own secret (client credentials, RFC 6749, section 4.4).

    ``username`` is for ``xoauth2``, and ``password`` for an outgoing server beside it.
    """

    kind: Literal["client_secret"] = "client_secret"  # because it names a kind
    username: Annotated[str, Field(max_length=320)] | None = None
    password: SecretStr | None = None
    client_secret: SecretStr


class RefreshTokenCredentials(WireModel):
    """What a person consented to (RFC 6749, section 6).

    ``username`` is for ``xoauth2``, and ``password`` for an outgoing server beside it.
    """

    kind: Literal["refresh_token"] = "refresh_token"  # because it names a kind
    username: Annotated[str, Field(max_length=320)] | None = None
    password: SecretStr | None = None
    client_secret: SecretStr
    refresh_token: SecretStr


class ServiceAccountCredentials(WireModel):
    """A Google service account's key file, which signs its own assertions (RFC 7523)."""

    kind: Literal["service_account"] = "service_account"
    service_account_json: SecretStr


Credentials = Annotated[
    PasswordCredentials | ClientSecretCredentials | RefreshTokenCredentials | ServiceAccountCredentials,
    Field(discriminator="kind"),
]
"""What is sealed to one Actor for one lease."""


class AutoconfigQuestion(WireModel):
    """Whose mail servers are looked for."""

    email_address: Annotated[str, Field(max_length=320)]


class Lease(WireModel):
    """An Actor's time-limited hold on a job.

    ``locator`` is the first part of the code; an Actor is never given the whole. ``since`` is when
    the message may first have arrived, by the Director's clock and with slack. ``sealed`` holds
    ``Credentials`` as JWE. A job of kind ``autoconfig`` has a ``question`` in place of ``target`` and
    ``sealed``.
    """

    id: Identifier
    kind: ShortText
    check_id: Identifier
    expires_at: AwareDatetime
    locator: Locator | None = None
    earlier_locators: Annotated[tuple[Locator, ...], Field(max_length=16)] = ()
    since: AwareDatetime | None = None
    folders: Annotated[tuple[Annotated[str, Field(max_length=255)], ...], Field(max_length=16)] = ()
    target: Target | None = None
    sealed: Annotated[str, Field(max_length=65_536)] | None = None
    question: AutoconfigQuestion | None = None


class Control(WireModel):
    """What the Director asks of the Actor itself, beside or instead of work: a ``ControlAction``.

    The intervals, in seconds, go with ``set_intervals``.
    """

    action: ShortText
    poll_seconds: Annotated[Duration, Field(gt=0, le=MAX_POLL_SECONDS)] | None = None
    renew_seconds: Annotated[Duration, Field(gt=0, lt=LEASE_SECONDS)] | None = None


class LeaseRequest(WireModel):
    """A poll: how many jobs the Actor has room for, and how long it will wait for one."""

    capacity: Annotated[int, Field(ge=1, le=64), AnInteger]
    wait_seconds: Annotated[Duration, Field(ge=0, le=MAX_POLL_SECONDS)] = MAX_POLL_SECONDS


class LeaseAnswer(WireModel):
    """The answer to a poll that found work; 204 without a body says that there was none."""

    leases: tuple[Lease, ...]
    control: Control | None = None


def secrets_of(credentials: Credentials) -> Iterator[str]:
    """Yield each secret in clear, so that it can be masked wherever text is kept."""
    for value in credentials.__dict__.values():
        if isinstance(value, SecretStr):
            yield value.get_secret_value()


def sealed_credentials(credentials: Credentials) -> bytes:
    """Return what is to be sealed: the one place where credentials are written in clear."""
    clear = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in credentials.__dict__.items()
    }
    return json.dumps(clear).encode()
