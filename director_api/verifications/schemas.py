"""Verifications and checks, as the API shows them."""

from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from director_api.field_errors import ApiModel
from director_api.lengths import Taken
from director_api.verifications.state_machine import CheckState, MailState
from wire_contract.diagnostics import StepName, StepOutcome
from wire_contract.failure_codes import FailureCode


class VerifyRequest(Taken):
    """Which of the profile's Actors take part; null means all."""

    actor_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=1000)


class StepRead(ApiModel):
    """One step of a check."""

    step: StepName
    outcome: StepOutcome
    code: FailureCode | None
    milliseconds: int
    detail: dict[str, Any]
    server_reply: str | None
    field: str | None = Field(default=None, description="JSON pointer of the profile's field to look at")


class WarningRead(ApiModel):
    """Something worth knowing that did not make the check fail."""

    code: FailureCode
    message: str
    hint: str
    detail: str | None = Field(description="What it is about, such as the outgoing server")


class HopRead(ApiModel):
    """One ``Received`` line of the message's trace, newest first."""

    by: str | None
    from_: str | None = Field(alias="from")
    at: AwareDatetime | None


class EvidenceRead(ApiModel):
    """Where the message was found."""

    message_id: str | None
    folder: str
    date: str | None
    received: list[HopRead]


class CheckActor(ApiModel):
    """The Actor of a check, as it was when the check began."""

    id: UUID
    name: str
    security_zone_id: UUID | None


class CheckRead(ApiModel):
    """One Actor's part of a verification."""

    id: UUID
    actor: CheckActor
    state: CheckState
    failure_code: FailureCode | None
    message: str | None
    hint: str | None
    failure_detail: str | None = Field(default=None, description="What exactly, where the message can't say")
    warnings: list[WarningRead]
    attempts: int
    mail: MailState
    mail_sent_at: AwareDatetime | None
    mail_reply: str | None = Field(description="The last reply of the Director's mail server")
    proof: Literal["retrieved", "manual"] | None
    diagnostics: list[StepRead]
    evidence: EvidenceRead | None
    possible_causes: list[str] = Field(
        default=[], description="Of code_not_found: what remains possible, the most likely first"
    )


class VerificationRead(ApiModel):
    """One run over a profile."""

    id: UUID
    profile_id: UUID
    trigger: Literal["person", "schedule", "script"]
    state: Literal["running", "finished", "cancelled"]
    outcome: Literal["verified", "partially_verified", "unverified"] | None
    summary: str
    started_at: AwareDatetime
    finished_at: AwareDatetime | None
    checks: list[CheckRead]
