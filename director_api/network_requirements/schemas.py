"""Network requirements, as the API shows them."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from director_api.field_errors import ApiModel


class NetworkRequirement(ApiModel):
    """One connection that must be let through."""

    actor_id: UUID
    actor: str
    security_zone: str | None
    source_addresses: list[str] = Field(description="The Actor's own; a gateway may translate them")
    destination_host: str
    destination_addresses: list[str] = Field(
        description="What the Actor's latest check resolved the name to; empty when none did"
    )
    port: int
    protocol: Literal["tcp"] = "tcp"
    purpose: str


class NetworkRequirements(ApiModel):
    """All connections that a profile needs, Actor by Actor."""

    profile_id: UUID
    email_address: str
    items: list[NetworkRequirement]
