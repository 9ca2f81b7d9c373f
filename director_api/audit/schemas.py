"""The audit log, as the API shows it."""

from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from director_api.audit.log import CallerKind
from director_api.field_errors import ApiModel


class AuditCaller(ApiModel):
    """Who did it."""

    kind: CallerKind
    id: str = Field(description="Of an API token or an Actor its id, of an OIDC subject the claim sub")
    name: str


class AuditEntryRead(ApiModel):
    """One thing that someone did."""

    id: UUID
    at: AwareDatetime
    caller: AuditCaller
    action: str = Field(examples=["email_profile.updated"])
    subject_id: str = Field(description="The id of what was changed; of settings their name")
    changes: dict[str, dict[str, Any]] = Field(
        description="Each changed field's old and new value; of a secret only that it changed",
        examples=[{"note": {"old": "", "new": "moved"}, "account.password": {"secret": "changed"}}],
    )
    request_id: str | None
