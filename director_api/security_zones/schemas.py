"""Security zones, as the API shows them."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from director_api.field_errors import ApiModel

ZoneName = Annotated[str, Field(min_length=1, max_length=128)]
Description = Annotated[str, Field(max_length=1000)]


class SecurityZoneWrite(ApiModel):
    """A zone to make, or to change into."""

    name: ZoneName
    description: Description = ""


class SecurityZonePatch(ApiModel):
    """What to change of a zone."""

    name: ZoneName | None = None
    description: Description | None = None


class SecurityZoneRead(ApiModel):
    """A zone."""

    id: UUID
    name: str
    description: str
    created_at: AwareDatetime
