"""What a frontend learns before anyone is signed in."""

from pydantic import Field

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
