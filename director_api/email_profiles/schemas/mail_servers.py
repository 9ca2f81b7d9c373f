"""Profiles whose mailbox is read by IMAP or POP3."""

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from director_api.email_profiles.schemas.common import (
    AppIdentifier,
    ProfileFields,
    ReadFields,
    Tenant,
    WriteRules,
)
from director_api.email_profiles.schemas.rules import (
    NEVER_DELETED_IN_MANUAL_MODE,
    NEW_LOGIN,
    OF_MICROSOFT_ALONE,
    XOAUTH2_HAS_AN_APP,
)
from director_api.field_errors import ApiModel, wrong_field
from director_api.fields import AccountName, Encryption, Host, Port, Secret, SecretState, Tls
from wire_contract.jobs import Authentication, Cloud, OAuthProvider

_IMAP_PORTS = {Encryption.NONE: 143, Encryption.STARTTLS: 143, Encryption.SSL_TLS: 993}
_POP3_PORTS = {Encryption.NONE: 110, Encryption.STARTTLS: 110, Encryption.SSL_TLS: 995}
_SMTP_PORTS = {Encryption.NONE: 25, Encryption.STARTTLS: 587, Encryption.SSL_TLS: 465}


def _own_mailbox(value: object) -> object:
    if value not in (None, "INBOX"):
        detail = "This must be null: POP3 opens the account's own mailbox and no other."
        raise wrong_field("", "not_possible", detail)
    return value


class Account(ApiModel):
    """The account at the mail server. A password that is left out of a change is kept."""

    username: AccountName
    password: Secret | None = Field(
        default=None, description="Required; with xoauth2 only for outgoing.authentication, else null"
    )


class AccountRead(ApiModel):
    """The account, its password only as set or not."""

    username: str
    password: SecretState


class _IncomingServer(ApiModel):
    host: Host
    encryption: Encryption = Encryption.SSL_TLS
    authentication: Authentication = Field(
        default=Authentication.PLAIN, description="xoauth2 takes its tokens from the app in oauth"
    )


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
    authentication: Literal[Authentication.PLAIN, Authentication.NTLM] | None = Field(
        default=None,
        description="null: the server needs no login. Else account.password logs in, with xoauth2 too",
    )

    @model_validator(mode="after")
    def _default_port(self) -> Self:
        if self.port is None:
            self.port = _SMTP_PORTS[self.encryption]
        return self


class _OAuthFields(ApiModel):
    provider: OAuthProvider
    tenant_id: Tenant | None = Field(default=None, description="Required of microsoft, null for google")
    client_id: AppIdentifier
    cloud: Cloud = Field(default=Cloud.GLOBAL, description="Which of Microsoft's; always global for google")


class OAuthApp(_OAuthFields):
    """The app whose tokens log in by ``xoauth2``."""

    model_config = ConfigDict(json_schema_extra=OF_MICROSOFT_ALONE)

    client_secret: Secret | None = Field(
        default=None, description="Required; left out of a change it is kept"
    )

    @model_validator(mode="after")
    def _of_microsoft_alone(self) -> Self:
        microsoft = self.provider is OAuthProvider.MICROSOFT
        if microsoft and self.tenant_id is None:
            raise wrong_field("/tenant_id", "required", "Microsoft's apps belong to a tenant: name it.")
        if not microsoft and self.tenant_id is not None:
            raise wrong_field("/tenant_id", "not_possible", "Google has no tenants: leave this out.")
        if not microsoft and self.cloud is not Cloud.GLOBAL:
            raise wrong_field("/cloud", "not_possible", "Google has one cloud: leave this out.")
        return self


class NewOAuthApp(OAuthApp):
    """The app of a profile that is made."""

    client_secret: Secret


class OAuthAppRead(_OAuthFields):
    """The app, its secret only as set or not. ``consent``: what a person granted; Google alone asks."""

    client_secret: SecretState
    consent: SecretState | None


class _ServerFields(ProfileFields):
    outgoing: OutgoingServer | None = None
    tls: Tls = Tls()


class _ImapFields(_ServerFields):
    server_type: Literal["imap"]
    incoming: ImapServer


class _Pop3Fields(_ServerFields):
    server_type: Literal["pop3"]
    incoming: Pop3Server
    mailbox: Annotated[Literal["INBOX"] | None, BeforeValidator(_own_mailbox)] = Field(
        default=None, description="POP3 opens the account's own mailbox and no other"
    )


class _Write(_ServerFields, WriteRules):
    if TYPE_CHECKING:  # the field of each type, whose ports are its own
        incoming: ImapServer | Pop3Server

    model_config = ConfigDict(json_schema_extra={**NEVER_DELETED_IN_MANUAL_MODE, **XOAUTH2_HAS_AN_APP})

    account: Account
    oauth: Annotated[
        OAuthApp | None, Field(description="Required of incoming.authentication xoauth2, else null")
    ] = None

    @model_validator(mode="after")
    def _login_is_consistent(self) -> Self:
        if self.incoming.authentication is not Authentication.XOAUTH2:
            if self.oauth is not None:
                raise wrong_field(
                    "/oauth", "not_possible", "Only incoming.authentication xoauth2 uses an app."
                )
            return self
        if self.oauth is None:
            raise wrong_field("/oauth", "required", "xoauth2 needs the app that gives out its tokens.")
        if self.account.password is not None and not self._sends_with_login():
            detail = "An xoauth2 account logs in by tokens: no server asks for its password, so leave it out."
            raise wrong_field("/account/password", "not_possible", detail)
        return self

    def has_its_password(self) -> Self:
        """Check that what logs in by the password of a new profile has one."""
        by_password = self.incoming.authentication is not Authentication.XOAUTH2 or self._sends_with_login()
        if by_password and self.account.password is None:
            raise wrong_field("/account/password", "required", "This field is required.")
        return self

    def _sends_with_login(self) -> bool:
        return self.outgoing is not None and self.outgoing.authentication is not None


_NEW = ConfigDict(json_schema_extra={**NEVER_DELETED_IN_MANUAL_MODE, **NEW_LOGIN})
_NewApp = Annotated[
    NewOAuthApp | None, Field(description="Required of incoming.authentication xoauth2, else null")
]


class ImapProfileWrite(_ImapFields, _Write):
    """A profile of type ``imap`` to change into. A secret that is left out is kept."""


class ImapProfileCreate(ImapProfileWrite):
    """A profile of type ``imap`` to make."""

    model_config = _NEW

    oauth: _NewApp = None

    _complete = model_validator(mode="after")(_Write.has_its_password)


class Pop3ProfileWrite(_Pop3Fields, _Write):
    """A profile of type ``pop3`` to change into. A secret that is left out is kept."""


class Pop3ProfileCreate(Pop3ProfileWrite):
    """A profile of type ``pop3`` to make."""

    model_config = _NEW

    oauth: _NewApp = None

    _complete = model_validator(mode="after")(_Write.has_its_password)


class _Read(_ServerFields, ReadFields):
    account: AccountRead
    oauth: OAuthAppRead | None


class ImapProfileRead(_ImapFields, _Read):
    """A profile of type ``imap``, and what a table of profiles shows of it."""


class Pop3ProfileRead(_Pop3Fields, _Read):
    """A profile of type ``pop3``, and what a table of profiles shows of it."""
