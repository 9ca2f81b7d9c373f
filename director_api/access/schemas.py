"""API tokens, as the API shows them."""

from uuid import UUID

from pydantic import AwareDatetime

from director_api.access.roles import Role
from director_api.field_errors import ApiModel
from director_api.fields import Moment, Name
from director_api.lengths import Taken


class ApiTokenCreate(Taken):
    """A token to mint."""

    name: Name
    role: Role
    expires_at: Moment | None = None


class ApiTokenRead(ApiModel):
    """A token, without itself."""

    id: UUID
    name: str
    role: Role
    expires_at: AwareDatetime | None
    last_used_at: AwareDatetime | None
    created_at: AwareDatetime


class ApiTokenMinted(ApiTokenRead):
    """A token with itself: shown this once."""

    token: str
