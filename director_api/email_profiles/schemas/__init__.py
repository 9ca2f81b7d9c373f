"""Email profiles, as the API takes and shows them: a union that ``server_type`` decides."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from director_api.email_profiles.schemas.clouds import (
    GmailAccessRead,
    GmailProfileCreate,
    GmailProfileRead,
    GmailProfileWrite,
    GraphAppRead,
    GraphProfileCreate,
    GraphProfileRead,
    GraphProfileWrite,
)
from director_api.email_profiles.schemas.common import (
    AccountStatus,
    Action,
    ActorStatusName,
    CloudAccountRead,
    MergePatch,
    ProfileActorRead,
    ProfileWarning,
)
from director_api.email_profiles.schemas.mail_servers import (
    AccountRead,
    ImapProfileCreate,
    ImapProfileRead,
    ImapProfileWrite,
    OAuthAppRead,
    Pop3ProfileCreate,
    Pop3ProfileRead,
    Pop3ProfileWrite,
)
from director_api.field_errors import ApiModel

ProfileWrite = Annotated[
    ImapProfileWrite | Pop3ProfileWrite | GraphProfileWrite | GmailProfileWrite,
    Field(discriminator="server_type"),
]
ProfileCreate = Annotated[
    ImapProfileCreate | Pop3ProfileCreate | GraphProfileCreate | GmailProfileCreate,
    Field(discriminator="server_type"),
]
ProfileRead = Annotated[
    ImapProfileRead | Pop3ProfileRead | GraphProfileRead | GmailProfileRead,
    Field(discriminator="server_type"),
]


class VerificationCodeRead(ApiModel):
    """The code to send by hand, with the subject that the message must have."""

    email_address: str
    verification_uuid: str
    subject: str
    expires_at: AwareDatetime | None


__all__ = [
    "AccountRead",
    "AccountStatus",
    "Action",
    "ActorStatusName",
    "CloudAccountRead",
    "GmailAccessRead",
    "GmailProfileRead",
    "GraphAppRead",
    "GraphProfileRead",
    "ImapProfileRead",
    "MergePatch",
    "OAuthAppRead",
    "Pop3ProfileRead",
    "ProfileActorRead",
    "ProfileCreate",
    "ProfileRead",
    "ProfileWarning",
    "ProfileWrite",
    "VerificationCodeRead",
]
