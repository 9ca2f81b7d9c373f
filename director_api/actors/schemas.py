"""Actors and enrollment tokens, as the API shows them."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from director_api.field_errors import ApiModel
from wire_contract.enrollment import ActorName, Interface

MAX_ENROLLMENT_SECONDS = 30 * 24 * 3600
DEFAULT_ENROLLMENT_SECONDS = 3600


class ActorRead(ApiModel):
    """An Actor. ``online``: heard of within the last 45 s."""

    id: UUID
    name: str
    security_zone_id: UUID | None
    online: bool
    revoked: bool
    draining: bool
    version: str
    capabilities: list[str]
    interfaces: list[Interface]
    addresses: list[str]
    last_seen_at: AwareDatetime | None
    enrolled_at: AwareDatetime


class ActorPatch(ApiModel):
    """What to change of an Actor."""

    name: ActorName | None = None
    security_zone_id: UUID | None = None


class EnrollmentTokenCreate(ApiModel):
    """A token to mint. ``name`` fixes the Actor's name; ``actor_id`` lets that Actor enroll anew."""

    name: ActorName | None = None
    security_zone_id: UUID | None = None
    actor_id: UUID | None = None
    expires_in_seconds: Annotated[int, Field(ge=60, le=MAX_ENROLLMENT_SECONDS)] = DEFAULT_ENROLLMENT_SECONDS


class EnrollmentTokenMinted(ApiModel):
    """A token: shown this once."""

    id: UUID
    token: str
    expires_at: AwareDatetime
