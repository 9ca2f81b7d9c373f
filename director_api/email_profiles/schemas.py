"""Email profiles, as the API takes and shows them."""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from director_api.field_errors import ApiModel
from director_api.fields import AccountName, EmailAddress, Encryption, Host, Port, Secret, SecretState, Tls
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication

_IMAP_PORTS = {Encryption.NONE: 143, Encryption.STARTTLS: 143, Encryption.SSL_TLS: 993}
_POP3_PORTS = {Encryption.NONE: 110, Encryption.STARTTLS: 110, Encryption.SSL_TLS: 995}
_SMTP_PORTS = {Encryption.NONE: 25, Encryption.STARTTLS: 587, Encryption.SSL_TLS: 465}

_PasswordLogin = Literal[Authentication.PLAIN, Authentication.NTLM]


class Account(ApiModel):
    """The account at the mail server. A password that is left out of a change is kept."""

    username: AccountName
    password: Secret | None = None


class AccountRead(ApiModel):
    """The account, its password only as set or not."""

    username: str
    password: SecretState


class _IncomingServer(ApiModel):
    host: Host
    encryption: Encryption = Encryption.SSL_TLS
    authentication: _PasswordLogin = Authentication.PLAIN


class ImapServer(_IncomingServer):
    """Where the mailbox is read by IMAP."""

    port: Port | None = Field(default=None, description="Default: 143, with ssl_tls 993")

    @model_validator(mode="after")
    def _default_port(self) -> Self:
        if self.port is None:
            self.port = _IMAP_PORTS[self.encryption]
        return self


class Pop3Server(_IncomingServer):
    """Where the mailbox is read by POP3."""

    port: Port | None = Field(default=None, description="Default: 110, with ssl_tls 995")

    @model_validator(mode="after")
    def _default_port(self) -> Self:
        if self.port is None:
            self.port = _POP3_PORTS[self.encryption]
        return self


class OutgoingServer(ApiModel):
    """Where mail is sent. ``authentication`` null: the server needs none."""

    host: Host
    port: Port | None = Field(default=None, description="Default: 25, with starttls 587, with ssl_tls 465")
    encryption: Encryption = Encryption.NONE
    authentication: _PasswordLogin | None = None

    @model_validator(mode="after")
    def _default_port(self) -> Self:
        if self.port is None:
            self.port = _SMTP_PORTS[self.encryption]
        return self


class _ProfileFields(ApiModel):
    email_address: EmailAddress
    send_verification_manually: bool = False
    security_zone_id: UUID | None = None
    actor_ids: Annotated[list[UUID], Field(min_length=1, max_length=1000)]
    reverify_every_hours: Annotated[int, Field(ge=1, le=8760)] | None = None
    note: Annotated[str, Field(max_length=4000)] = ""
    mailbox: Annotated[str, Field(min_length=1, max_length=320)] | None = None
    delete_verification_message: bool = False


class _ServerFields(_ProfileFields):
    outgoing: OutgoingServer | None = None
    tls: Tls = Tls()


class _ImapFields(_ServerFields):
    server_type: Literal["imap"]
    incoming: ImapServer


class _Pop3Fields(_ServerFields):
    server_type: Literal["pop3"]
    incoming: Pop3Server


class _Write(_ServerFields):
    account: Account

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.send_verification_manually and self.delete_verification_message:
            raise ValueError(
                "delete_verification_message must be false in manual mode: every Actor reads that message"
            )
        if len(set(self.actor_ids)) != len(self.actor_ids):
            raise ValueError("actor_ids must name each Actor once")
        return self


class ImapProfileWrite(_ImapFields, _Write):
    """A profile of type ``imap`` to make, or to change into."""


class Pop3ProfileWrite(_Pop3Fields, _Write):
    """A profile of type ``pop3`` to make, or to change into."""

    @model_validator(mode="after")
    def _one_mailbox(self) -> Self:
        if self.mailbox not in (None, "INBOX", self.account.username):
            raise ValueError("mailbox must be null: POP3 opens the account's own mailbox and no other")
        return self


ProfileWrite = Annotated[ImapProfileWrite | Pop3ProfileWrite, Field(discriminator="server_type")]


class ActorStatusName(StrEnum):
    """What an Actor's part of a profile comes to."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    VERIFYING = "verifying"


class AccountStatus(StrEnum):
    """What the whole profile comes to."""

    VERIFIED = "verified"
    PARTIALLY_VERIFIED = "partially_verified"
    UNVERIFIED = "unverified"


class ProfileActorRead(ApiModel):
    """One Actor of a profile and how it stands."""

    id: UUID
    name: str
    zone: str | None
    online: bool
    status: ActorStatusName
    failure_code: FailureCode | None
    checked_at: AwareDatetime | None
    summary: str


class _Read(_ServerFields):
    id: UUID
    version: int
    revision: int
    account: AccountRead
    server_address: str
    smtp_server: str | None
    type: str
    account_status: AccountStatus
    running_verification_id: UUID | None
    actors: list[ProfileActorRead]
    available_actions: list[str]
    created_at: AwareDatetime
    updated_at: AwareDatetime


class ImapProfileRead(_ImapFields, _Read):
    """A profile of type ``imap``, and what a table of profiles shows of it."""


class Pop3ProfileRead(_Pop3Fields, _Read):
    """A profile of type ``pop3``, and what a table of profiles shows of it."""


ProfileRead = Annotated[ImapProfileRead | Pop3ProfileRead, Field(discriminator="server_type")]


class VerificationCodeRead(ApiModel):
    """The code to send by hand, with the subject that the message must have."""

    email_address: str
    verification_uuid: str
    subject: str
    expires_at: AwareDatetime | None


MergePatch = dict[str, Any]
