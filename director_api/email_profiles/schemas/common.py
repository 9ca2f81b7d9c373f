"""What every profile has, whatever its server type."""

from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from director_api.field_errors import ApiModel, wrong_field
from director_api.fields import AnInteger, EmailAddress, Flag, Line, Text
from director_api.lengths import Taken
from wire_contract.failure_codes import FailureCode

AppIdentifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,255}$")]
"""What Microsoft and Google name their apps by."""
Tenant = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,254}$",
        description="The directory's id, or one of its domains",
        examples=["contoso.onmicrosoft.com"],
    ),
]


class ProfileFields(ApiModel):
    """The fields of section 3 of the design that all types have."""

    email_address: EmailAddress = Field(description="Where the verification's message is sent")
    send_verification_manually: Flag = Field(
        default=False, description="A person sends the code, in place of the Director"
    )
    security_zone_id: UUID | None = Field(default=None, description="null: Actors of all zones")
    actor_ids: Annotated[
        list[UUID], Field(min_length=1, max_length=1000, json_schema_extra={"uniqueItems": True})
    ]
    reverify_every_hours: Annotated[int, Field(ge=1, le=8760), AnInteger] | None = Field(
        default=None, description="null: only when asked for"
    )
    note: Text = ""
    mailbox: Line | None = Field(
        default=None, description="The mailbox to read, where it is not the account's own"
    )
    delete_verification_message: Flag = Field(
        default=False, description="Never in manual mode, nor where the protocol or permission can't"
    )


class WriteRules(ProfileFields, Taken):
    """The rules over several fields that all types share."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.send_verification_manually and self.delete_verification_message:
            detail = "This must be false in manual mode: every Actor reads that message."
            raise wrong_field("/delete_verification_message", "not_possible", detail)
        if len(set(self.actor_ids)) != len(self.actor_ids):
            raise wrong_field("/actor_ids", "repeated", "Name each Actor once.")
        return self


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


class Action(StrEnum):
    """What can be done with a profile as it stands."""

    VERIFY = "verify"
    VIEW_CODE = "view_code"
    EDIT = "edit"
    DELETE = "delete"
    AUTHORIZE = "authorize"


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


class ProfileWarning(ApiModel):
    """Something that will make the profile fail unless someone acts."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    hint: str


class ReadFields(ProfileFields):
    """What a table of profiles shows of each."""

    id: UUID
    version: int
    revision: int
    server_address: str = Field(description="host:port, or the service's name")
    smtp_server: str | None
    type: str
    account_status: AccountStatus
    running_verification_id: UUID | None
    actors: list[ProfileActorRead]
    available_actions: list[Action]
    warnings: list[ProfileWarning]
    next_verification_at: AwareDatetime | None = Field(
        description="When the schedule verifies it next; null without a schedule"
    )
    created_at: AwareDatetime
    updated_at: AwareDatetime


class CloudAccountRead(ApiModel):
    """The mailbox that a cloud's service reads."""

    username: str


MergePatch = dict[str, Any]
