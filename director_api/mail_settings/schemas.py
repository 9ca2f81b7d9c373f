"""The Director's mail settings, as the API shows them: a union that ``transport`` decides."""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic.config import JsonDict

from director_api.email_profiles.schemas.clouds import ServiceAccountKey
from director_api.email_profiles.schemas.common import AppIdentifier, Tenant
from director_api.field_errors import ApiModel, wrong_field
from director_api.fields import (
    NO_NUL,
    AccountName,
    AnInteger,
    EmailAddress,
    Encryption,
    Host,
    Port,
    Secret,
    SecretState,
    Tls,
)
from director_api.lengths import Taken
from wire_contract.jobs import Cloud

_DEFAULT_PORTS = {Encryption.NONE: 25, Encryption.STARTTLS: 587, Encryption.SSL_TLS: 465}
_READING_PORTS = {Encryption.NONE: 143, Encryption.STARTTLS: 143, Encryption.SSL_TLS: 993}
DAY = 86_400
MOST_CHECKS = 10_000
_LOGIN_HAS_A_NAME: JsonDict = {
    "if": {"properties": {"authentication": {"type": "string"}}, "required": ["authentication"]},
    "then": {"properties": {"username": {"type": "string"}}, "required": ["username"]},
}
Seconds = Annotated[int, Field(ge=1, le=DAY), AnInteger]


class Transport(StrEnum):
    """How the Director's own mail leaves."""

    SMTP = "smtp"
    MICROSOFT_GRAPH = "microsoft_graph"
    GMAIL = "gmail"


class SmtpAuthentication(StrEnum):
    """How the Director logs in to its own mail server."""

    PLAIN = "plain"
    LOGIN = "login"
    CRAM_MD5 = "cram_md5"
    NTLM = "ntlm"


class _SmtpMail(ApiModel):
    transport: Literal[Transport.SMTP] = Transport.SMTP
    from_address: EmailAddress
    host: Host
    port: Port | None = Field(default=None, description="Default: 25, with starttls 587, with ssl_tls 465")
    encryption: Encryption = Encryption.NONE
    authentication: SmtpAuthentication | None = None
    username: AccountName | None = None
    tls: Tls = Tls()


class _Bounces(ApiModel):
    host: Host
    port: Port | None = Field(default=None, description="Default: 993 with ssl_tls, else 143")
    encryption: Encryption = Encryption.SSL_TLS
    username: AccountName
    tls: Tls = Tls()


class BouncesWrite(_Bounces):
    """The IMAP mailbox that undeliverable mail comes back to. A password that is left out is kept."""

    password: Secret | None = None

    @model_validator(mode="after")
    def _with_port(self) -> Self:
        if self.port is None:
            self.port = _READING_PORTS[self.encryption]
        return self


class BouncesRead(_Bounces):
    """The mailbox of undeliverable mail, its password only as set or not."""

    password: SecretState


class _BouncesWritten(Taken):
    bounces: BouncesWrite | None = Field(
        default=None,
        description="Where mail to from_address is read, to tell at once of a message that came back",
    )


class _BouncesShown(ApiModel):
    bounces: BouncesRead | None = None


class SmtpMailWrite(_SmtpMail, _BouncesWritten):
    """The Director's own mail server. A password that is left out is kept, if nothing else would send it elsewhere."""

    model_config = ConfigDict(json_schema_extra=_LOGIN_HAS_A_NAME)

    password: Secret | None = Field(
        default=None, description="Required with authentication; left out of a change it is kept"
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.port is None:
            self.port = _DEFAULT_PORTS[self.encryption]
        if self.authentication is not None and self.username is None:
            raise wrong_field("/username", "required", "The server asks who logs in.")
        return self


class SmtpMailRead(_SmtpMail, _BouncesShown):
    """The Director's own mail server, its password only as set or not."""

    password: SecretState


class _GraphMail(ApiModel):
    transport: Literal[Transport.MICROSOFT_GRAPH]
    from_address: EmailAddress = Field(
        description="The mailbox that sends, by address or user principal name"
    )
    tenant_id: Tenant
    client_id: AppIdentifier
    cloud: Cloud = Cloud.GLOBAL


class GraphMailWrite(_GraphMail, _BouncesWritten):
    """An app that sends from a mailbox by Microsoft Graph; it needs the application permission Mail.Send."""

    client_secret: Secret | None = Field(
        default=None, description="Required; left out of a change it is kept, if it would go where it went"
    )


class GraphMailRead(_GraphMail, _BouncesShown):
    """The app that sends by Microsoft Graph, its secret only as set or not."""

    client_secret: SecretState


class _GmailMail(ApiModel):
    transport: Literal[Transport.GMAIL]
    from_address: EmailAddress = Field(
        description="The account that sends, for which the service account stands"
    )


class GmailMailWrite(_GmailMail, _BouncesWritten):
    """A service account that sends by the Gmail API; its delegation needs the scope gmail.send."""

    service_account_json: ServiceAccountKey | None = Field(
        default=None,
        description="The key file's text. Required; left out of a change it is kept, if the account stays",
    )


class GmailMailRead(_GmailMail, _BouncesShown):
    """The account that sends by the Gmail API, the key file only as set or not."""

    service_account_json: SecretState


def transport(body: Any) -> str:
    """Return which of the union a body is; it is SMTP where it names none. Errors show the name of this function."""
    named = (
        body.get("transport", Transport.SMTP) if isinstance(body, dict) else getattr(body, "transport", "")
    )
    return named if isinstance(named, str) else ""


EmailSettingsWrite = Annotated[
    Annotated[SmtpMailWrite, Tag(Transport.SMTP.value)]
    | Annotated[GraphMailWrite, Tag(Transport.MICROSOFT_GRAPH.value)]
    | Annotated[GmailMailWrite, Tag(Transport.GMAIL.value)],
    Discriminator(transport),
]
EmailSettingsRead = Annotated[
    Annotated[SmtpMailRead, Tag(Transport.SMTP.value)]
    | Annotated[GraphMailRead, Tag(Transport.MICROSOFT_GRAPH.value)]
    | Annotated[GmailMailRead, Tag(Transport.GMAIL.value)],
    Discriminator(transport),
]


class EmailTest(Taken):
    """Where to send a test message."""

    to: EmailAddress


class BouncesTestResult(ApiModel):
    """Whether the mailbox of undeliverable mail can be read."""

    read: bool
    code: str | None
    message: str
    hint: str | None
    server_reply: str | None


class EmailTestResult(ApiModel):
    """What the mail server made of the test message."""

    sent: bool
    code: str | None
    message: str
    hint: str | None
    server_reply: str | None
    bounces: BouncesTestResult | None = Field(
        default=None, description="Null where no mailbox of undeliverable mail is set"
    )


class EmailActionSettings(Taken):
    """Deadlines in seconds, how many checks may be in one place at once, and further folders to look in."""

    offline_seconds: Seconds = 180
    send_seconds: Seconds = 1800
    search_seconds: Seconds = 600
    checks_per_host: Annotated[
        int,
        Field(ge=1, le=MOST_CHECKS, description="Checks at one mail server at once, by all Actors"),
        AnInteger,
    ] = 20
    checks_per_mailbox: Annotated[
        int,
        Field(ge=1, le=MOST_CHECKS, description="Checks of one mailbox at once, by all Actors"),
        AnInteger,
    ] = 5
    folders: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=255, pattern=NO_NUL)]],
        Field(default_factory=list, max_length=16),
    ]
