"""The ordered steps that a check goes through, as the Actor reports and the Director stores them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, field_validator

from wire_contract.base import AnInteger, JsonValue, Line, ShortText, WireModel, storable
from wire_contract.failure_codes import FailureCode

MAX_STEPS = 64
MAX_DETAIL_BYTES = 16_384
MAX_REPLY_BYTES = 512
MAX_TRANSCRIPT = 400


class StepName(StrEnum):
    """Where a check stands. Steps of the outgoing server are prefixed ``smtp_``."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    GREETING = "greeting"
    CAPABILITIES = "capabilities"
    AUTHENTICATE = "authenticate"
    OPEN_MAILBOX = "open_mailbox"
    SEARCH = "search"
    FOUND = "found"
    SMTP_RESOLVE = "smtp_resolve"
    SMTP_CONNECT = "smtp_connect"
    SMTP_TLS = "smtp_tls"
    SMTP_GREETING = "smtp_greeting"
    SMTP_CAPABILITIES = "smtp_capabilities"
    SMTP_AUTHENTICATE = "smtp_authenticate"


class StepOutcome(StrEnum):
    """What became of a step."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Step(WireModel):
    """One step: what was tried, what came of it, how long it took, what the server said."""

    step: StepName
    outcome: StepOutcome
    code: FailureCode | None = None
    milliseconds: Annotated[int, Field(ge=0, le=86_400_000 * 2), AnInteger]
    detail: dict[ShortText, JsonValue] = Field(default_factory=dict)
    server_reply: Line | None = None

    @field_validator("detail")
    @classmethod
    def _bounded(cls, detail: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if len(repr(detail)) > MAX_DETAIL_BYTES:
            raise ValueError(f"a step's detail is at most {MAX_DETAIL_BYTES} bytes")
        return {name: storable(value) for name, value in detail.items()}


class Warned(WireModel):
    """Something worth knowing that did not make the check fail."""

    code: FailureCode
    detail: Line | None = None


Steps = Annotated[tuple[Step, ...], Field(max_length=MAX_STEPS)]
Warnings = Annotated[tuple[Warned, ...], Field(max_length=32)]
Transcript = Annotated[tuple[Line, ...], Field(max_length=MAX_TRANSCRIPT)]
"""What was said to the mail servers, a line each, without secrets and without anyone's mail."""
