"""Actors and enrollment tokens, as the API shows them."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from director_api.field_errors import ApiModel
from director_api.fields import AnInteger, NotNull
from director_api.lengths import Taken
from wire_contract.control import ControlAction, Finding
from wire_contract.enrollment import ActorName, Interface
from wire_contract.jobs import MAX_POLL_SECONDS

MAX_ENROLLMENT_SECONDS = 30 * 24 * 3600
DEFAULT_ENROLLMENT_SECONDS = 3600


class ActorState(StrEnum):
    """How an Actor stands. ``disconnected``: it said goodbye; ``lost``: it fell silent."""

    CONNECTED = "connected"
    DRAINING = "draining"
    DISCONNECTED = "disconnected"
    LOST = "lost"


class ActorRead(ApiModel):
    """An Actor. ``online``: heard of within three of its own intervals (``poll_seconds``)."""

    id: UUID
    name: str
    security_zone_id: UUID | None
    online: bool
    state: ActorState
    paused: bool = Field(description="It is given no work until it is resumed")
    asked: list[ControlAction] = Field(description="What it was asked to do and did not yet")
    poll_seconds: int
    revoked: bool
    draining: bool
    version: str
    capabilities: list[str]
    interfaces: list[Interface]
    addresses: list[str]
    self_diagnosis: list[Finding]
    self_diagnosed_at: AwareDatetime | None
    last_seen_at: AwareDatetime | None
    enrolled_at: AwareDatetime


_PollSeconds = Annotated[int, Field(ge=5, le=MAX_POLL_SECONDS), AnInteger]


class ActorPatch(Taken):
    """What to change of an Actor."""

    name: Annotated[ActorName | None, NotNull()] = None
    security_zone_id: UUID | None = None
    poll_seconds: Annotated[_PollSeconds | None, NotNull()] = Field(
        default=None, description="How long a poll is held; silent for three of these, it is offline"
    )


class EnrollmentTokenCreate(Taken):
    """A token to mint. ``name`` fixes the Actor's name; ``actor_id`` lets that Actor enroll anew."""

    name: ActorName | None = None
    security_zone_id: UUID | None = None
    actor_id: UUID | None = None
    expires_in_seconds: Annotated[int, Field(ge=60, le=MAX_ENROLLMENT_SECONDS), AnInteger] = (
        DEFAULT_ENROLLMENT_SECONDS
    )


class EnrollmentTokenMinted(ApiModel):
    """A token: shown this once."""

    id: UUID
    token: str
    expires_at: AwareDatetime
