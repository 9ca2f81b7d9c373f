"""Connectivity checks, as the API takes and shows them."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticKnownError

from director_api.email_profiles.schemas.clouds import GmailProfileCreate, GraphProfileCreate
from director_api.email_profiles.schemas.mail_servers import ImapProfileCreate, Pop3ProfileCreate
from director_api.field_errors import ApiModel, wrong_field
from director_api.lengths import Taken
from director_api.verifications.schemas import CheckRead

ActorIds = Annotated[list[UUID], Field(min_length=1, max_length=1000)]
_NoActors = Annotated[list[UUID], Field(default_factory=list, max_length=1000)]


class ImapDraft(ImapProfileCreate):
    """A profile of type ``imap`` that is not saved yet."""

    actor_ids: _NoActors


class Pop3Draft(Pop3ProfileCreate):
    """A profile of type ``pop3`` that is not saved yet."""

    actor_ids: _NoActors


class GraphDraft(GraphProfileCreate):
    """A profile of type ``microsoft_graph`` that is not saved yet."""

    actor_ids: _NoActors


class GmailDraft(GmailProfileCreate):
    """A profile of type ``gmail`` that is not saved yet."""

    actor_ids: _NoActors


Draft = Annotated[ImapDraft | Pop3Draft | GraphDraft | GmailDraft, Field(discriminator="server_type")]


def _flag(value: object) -> object:
    if not isinstance(value, bool):  # a literal takes 1 for true
        raise PydanticKnownError("bool_type")
    return value


def _either(*names: str) -> JsonDict:
    some: JsonDict = {name: {"not": {"type": "null"}} for name in names}
    return {"properties": some, "required": list(names)}


_ONE_CHOICE: JsonDict = {
    "not": {
        "anyOf": [
            _either("actor_ids", "security_zone_id"),
            _either("actor_ids", "all"),
            _either("security_zone_id", "all"),
        ]
    }
}


class _Where(Taken):
    model_config = ConfigDict(json_schema_extra=_ONE_CHOICE)

    actor_ids: ActorIds | None = Field(default=None, description="These Actors")
    security_zone_id: UUID | None = Field(default=None, description="Every Actor of this zone")
    all: Annotated[Literal[True], BeforeValidator(_flag)] | None = Field(
        default=None, description="Every Actor"
    )

    @model_validator(mode="after")
    def _one_choice(self) -> Self:
        if sum(choice is not None for choice in (self.actor_ids, self.security_zone_id, self.all)) > 1:
            detail = "Give one of actor_ids, security_zone_id and all."
            raise wrong_field("", "not_possible", detail)
        return self


class DraftCheckRequest(_Where):
    """A draft to try, and from where. Without a choice: from the draft's own ``actor_ids``."""

    profile: Draft


class ProfileCheckRequest(_Where):
    """From where a saved profile is to be tried. Without a choice: from the profile's Actors."""


class ConnectivityCheckRead(ApiModel):
    """A connectivity check: each Actor's part in the shape of a verification's check, and what they amount to."""

    id: UUID
    profile_id: UUID | None
    state: Literal["running", "finished", "cancelled"]
    summary: str
    started_at: AwareDatetime
    finished_at: AwareDatetime | None
    checks: list[CheckRead]
