"""Security zones, as the API shows them."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime

from director_api.field_errors import ApiModel
from director_api.fields import Name, NotNull, Text
from director_api.lengths import Taken


class SecurityZoneWrite(Taken):
    """A zone to make, or to change into."""

    name: Name
    description: Text = ""


class SecurityZonePatch(Taken):
    """What to change of a zone."""

    name: Annotated[Name | None, NotNull()] = None
    description: Annotated[Text | None, NotNull()] = None


class SecurityZoneRead(ApiModel):
    """A zone."""

    id: UUID
    name: str
    description: str
    created_at: AwareDatetime
