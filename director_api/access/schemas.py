"""API tokens, as the API shows them."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from director_api.access.roles import Role
from director_api.field_errors import ApiModel
from director_api.fields import Moment

Name = Annotated[str, Field(min_length=1, max_length=128)]


class ApiTokenCreate(ApiModel):
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
