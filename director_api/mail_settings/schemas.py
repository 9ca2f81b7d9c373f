"""The Director's mail settings, as the API shows them."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from director_api.field_errors import ApiModel
from director_api.fields import AccountName, EmailAddress, Encryption, Host, Port, Secret, SecretState, Tls

_DEFAULT_PORTS = {Encryption.NONE: 25, Encryption.STARTTLS: 587, Encryption.SSL_TLS: 465}
DAY = 86_400


class SmtpAuthentication(StrEnum):
    """How the Director logs in to its own mail server."""

    PLAIN = "plain"
    LOGIN = "login"
    CRAM_MD5 = "cram_md5"
    NTLM = "ntlm"


class _EmailSettings(ApiModel):
    from_address: EmailAddress
    host: Host
    port: Port | None = Field(default=None, description="Default: 25, with starttls 587, with ssl_tls 465")
    encryption: Encryption = Encryption.NONE
    authentication: SmtpAuthentication | None = None
    username: AccountName | None = None
    tls: Tls = Tls()


class EmailSettingsWrite(_EmailSettings):
    """The Director's own mail server. A password that is left out is kept, if nothing else would send it elsewhere."""

    password: Secret | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.port is None:
            self.port = _DEFAULT_PORTS[self.encryption]
        if self.authentication is not None and self.username is None:
            raise ValueError("username is required with authentication")
        return self


class EmailSettingsRead(_EmailSettings):
    """The Director's own mail server, its password only as set or not."""

    password: SecretState


class EmailTest(ApiModel):
    """Where to send a test message."""

    to: EmailAddress


class EmailTestResult(ApiModel):
    """What the mail server made of the test message."""

    sent: bool
    code: str | None
    message: str
    hint: str | None
    server_reply: str | None


class EmailActionSettings(ApiModel):
    """Deadlines in seconds, and further folders to look in."""

    offline_seconds: Annotated[int, Field(ge=1, le=DAY)] = 180
    send_seconds: Annotated[int, Field(ge=1, le=DAY)] = 1800
    search_seconds: Annotated[int, Field(ge=1, le=DAY)] = 600
    folders: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=255)]], Field(default_factory=list, max_length=16)
    ]
