"""Security zones, as the API shows them."""

from uuid import UUID

from pydantic import AwareDatetime

from director_api.field_errors import ApiModel
from director_api.fields import Name, Text
from director_api.lengths import Taken


class SecurityZoneWrite(Taken):
    """A zone to make, or to change into."""

    name: Name
    description: Text = ""


class SecurityZonePatch(Taken):
    """What to change of a zone."""

    name: Name | None = None
    description: Text | None = None


class SecurityZoneRead(ApiModel):
    """A zone."""

    id: UUID
    name: str
    description: str
    created_at: AwareDatetime
