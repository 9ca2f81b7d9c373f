"""What a frontend learns before anyone is signed in, and of who is."""

from typing import Literal

from pydantic import AwareDatetime, Field

from director_api.access.roles import Role
from director_api.audit.log import CallerKind
from director_api.field_errors import ApiModel


class OidcRead(ApiModel):
    """How a frontend gets an access token that this Director takes."""

    issuer: str = Field(description="Its metadata is at /.well-known/openid-configuration below it")
    audience: str = Field(description="For whom the token must be: the parameter resource or audience")
    client_id: str | None = Field(
        description="Of the frontend; null where DIRECTOR_OIDC_CLIENT_ID is not set"
    )
    scopes: list[str]


class SignInRead(ApiModel):
    """The ways to sign in. API tokens always work."""

    oidc: OidcRead | None = Field(description="Null where no issuer is configured")


class CallerRead(ApiModel):
    """Who calls: an API token, or a person whom the issuer signed in."""

    kind: Literal[CallerKind.API_TOKEN, CallerKind.OIDC_SUBJECT]
    id: str = Field(description="As in the audit log: the token's id, or the issuer's name for the person")
    name: str
    role: Role = Field(description="Each role may do what the one before it may: viewer, operator, admin")
    expires_at: AwareDatetime | None = Field(
        description="When what proves the caller expires; null for never"
    )
