"""Profiles whose mailbox is read through a cloud's own interface: Microsoft Graph and the Gmail API."""

import json
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, model_validator

from director_api.email_profiles.schemas.common import (
    AppIdentifier,
    CloudAccountRead,
    ProfileFields,
    ReadFields,
    Tenant,
    WriteRules,
)
from director_api.email_profiles.schemas.rules import (
    APP_OR_SERVICE_ACCOUNT,
    NEVER_DELETED,
    NEVER_DELETED_IN_MANUAL_MODE,
    NEW_APP_OR_SERVICE_ACCOUNT,
)
from director_api.field_errors import ApiModel, wrong_field
from director_api.fields import EmailAddress, Moment, Secret, SecretState
from director_api.lengths import Bounded
from wire_contract.jobs import Cloud, GmailScope

_MAX_KEY_FILE = 16_384


def _service_account(value: SecretStr) -> SecretStr:
    try:
        key = json.loads(value.get_secret_value())
    except (ValueError, RecursionError):
        key = None
    wanted = ("client_email", "private_key")
    if (
        not isinstance(key, dict)
        or key.get("type") != "service_account"
        or not all(isinstance(key.get(name), str) for name in wanted)
    ):
        raise ValueError("this is not the JSON key file of a service account, as Google's console makes it")
    return value


ServiceAccountKey = Annotated[
    SecretStr,
    Field(min_length=1, max_length=_MAX_KEY_FILE),
    AfterValidator(_service_account),
    Bounded("files"),
]


class _GraphAppFields(ApiModel):
    tenant_id: Tenant
    client_id: AppIdentifier
    client_secret_expires_at: Moment | None = Field(
        default=None, description="As Entra shows it; the profile warns in good time"
    )
    cloud: Cloud = Cloud.GLOBAL


class GraphApp(_GraphAppFields):
    """The app registration that reads the mailbox (client credentials)."""

    client_secret: Secret | None = Field(
        default=None, description="Required; left out of a change it is kept"
    )


class NewGraphApp(GraphApp):
    """The app registration of a profile that is made."""

    client_secret: Secret


class GraphAppRead(_GraphAppFields):
    """The app registration, its secret only as set or not."""

    client_secret: SecretState


class GmailAccess(ApiModel):
    """How the mailbox is reached: an app that its owner consents to, or a service account. Exactly one.

    An app has ``client_id`` and ``client_secret``; without ``client_id`` it is a service account.
    """

    model_config = ConfigDict(json_schema_extra=APP_OR_SERVICE_ACCOUNT)

    client_id: AppIdentifier | None = Field(default=None, description="null: a service account")
    client_secret: Secret | None = Field(default=None, description="Required with client_id; else null")
    service_account_json: ServiceAccountKey | None = Field(
        default=None, description="The key file's text. Required without client_id; else null"
    )
    scope: GmailScope = Field(
        default=GmailScope.METADATA, description="metadata shows headers alone, and is enough"
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.client_id is not None and self.service_account_json is not None:
            detail = "Give client_id and client_secret, or service_account_json, not both."
            raise wrong_field("/service_account_json", "not_possible", detail)
        if self.client_id is None and self.client_secret is not None:
            raise wrong_field("/client_id", "required", "A client_secret belongs to a client_id.")
        return self


class NewGmailAccess(GmailAccess):
    """How the mailbox of a profile that is made is reached: by an app or a service account, with its secret."""

    model_config = ConfigDict(json_schema_extra=NEW_APP_OR_SERVICE_ACCOUNT)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = "service_account_json" if self.client_id is None else "client_secret"
        if getattr(self, needed) is None:
            raise wrong_field(f"/{needed}", "required", "This field is required.")
        return self


class GmailAccessRead(ApiModel):
    """How the mailbox is reached, secrets only as set or not. ``consent``: what its owner granted."""

    client_id: str | None
    client_secret: SecretState | None
    service_account_json: SecretState | None
    scope: GmailScope
    consent: SecretState | None


class _GraphFields(ProfileFields):
    server_type: Literal["microsoft_graph"]


class GraphProfileWrite(_GraphFields, WriteRules):
    """A profile of type ``microsoft_graph`` to change into. A secret that is left out is kept."""

    model_config = ConfigDict(json_schema_extra=NEVER_DELETED_IN_MANUAL_MODE)

    graph: GraphApp


class GraphProfileCreate(GraphProfileWrite):
    """A profile of type ``microsoft_graph`` to make."""

    graph: NewGraphApp


class GraphProfileRead(_GraphFields, ReadFields):
    """A profile of type ``microsoft_graph``, and what a table of profiles shows of it."""

    account: CloudAccountRead
    graph: GraphAppRead


class _GmailFields(ProfileFields):
    server_type: Literal["gmail"]
    mailbox: EmailAddress | None = Field(
        default=None, description="The mailbox to read, where it is not that of email_address"
    )


class GmailProfileWrite(_GmailFields, WriteRules):
    """A profile of type ``gmail`` to change into. A secret that is left out is kept."""

    model_config = ConfigDict(json_schema_extra=NEVER_DELETED)

    gmail: GmailAccess

    @model_validator(mode="after")
    def _reads_only(self) -> Self:
        if self.delete_verification_message:
            detail = f"This must be false: the scope gmail.{self.gmail.scope} does not permit deleting."
            raise wrong_field("/delete_verification_message", "not_possible", detail)
        return self


class GmailProfileCreate(GmailProfileWrite):
    """A profile of type ``gmail`` to make."""

    gmail: NewGmailAccess


class GmailProfileRead(_GmailFields, ReadFields):
    """A profile of type ``gmail``, and what a table of profiles shows of it."""

    account: CloudAccountRead
    gmail: GmailAccessRead
