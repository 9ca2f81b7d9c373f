"""What an Actor says of a job that it holds: progress, hand-back, result."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from wire_contract.autoconfig import AutoconfigFindings
from wire_contract.base import AnInteger, AwareDatetime, Duration, Flag, Line, ShortText, Storable, WireModel
from wire_contract.diagnostics import Steps, Transcript, Warnings
from wire_contract.failure_codes import FailureCode
from wire_contract.verification_code import CODE_PATTERN

Code = Annotated[str, Field(pattern=CODE_PATTERN)]
MAX_OTHER_CODES = 15


def _given(name: str, value: JsonDict) -> JsonDict:
    return {"properties": {name: value}, "required": [name]}


class Hop(WireModel):
    """One ``Received`` line of the message's trace (RFC 5321, section 4.4), newest first."""

    by: ShortText | None = None
    from_: Annotated[ShortText | None, Field(alias="from")] = None
    at: AwareDatetime | None = None

    model_config = ConfigDict(populate_by_name=True)


class Evidence(WireModel):
    """Where the message was found, so that a person can look at it too."""

    message_id: Line | None = None
    folder: Annotated[str, Field(max_length=255), Storable]
    date: Line | None = None
    received: Annotated[tuple[Hop, ...], Field(max_length=32)] = ()


class LeaseUpdate(WireModel):
    """A renewal with what happened so far, or a hand-back until a later look.

    ``searches`` counts the searches of this lease that looked through every folder to the end.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"look_again_at": {"type": "string"}}, "required": ["look_again_at"]},
            "then": {"properties": {"hand_back": {"const": True}}, "required": ["hand_back"]},
        }
    )

    progress: Steps = ()
    searches: Annotated[int, Field(ge=0), AnInteger] = 0
    hand_back: Flag = False
    look_again_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _hand_back_says_when(self) -> Self:
        if self.look_again_at is not None and not self.hand_back:
            raise ValueError("look_again_at goes with hand_back")
        return self


class LeaseState(StrEnum):
    """Whether the Actor goes on with what it holds."""

    CONTINUE = "continue"
    CANCELLED = "cancelled"


class LeaseRenewed(WireModel):
    """The answer to a renewal.

    ``search_seconds_left`` is the time until the search may end with ``code_not_found``; null while
    the message has not left the Director. It is a duration, so that no clocks are compared.
    """

    expires_at: AwareDatetime
    state: LeaseState
    search_seconds_left: Duration | None = None


class Result(WireModel):
    """How a job ended. Success is the code that was read, failure is a code of the closed list.

    ``connected`` is the success of a connectivity check, where there is no code to read; ``autoconfig``
    that of a look-up, which may have found nothing.

    ``other_codes`` are further codes with the same locator that the mailbox held: whoever can write
    to a mailbox can plant a look-alike, and only the Director can tell which one is right.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                _given("code", {"type": "string"}),
                _given("connected", {"const": True}),
                _given("autoconfig", {"type": "object"}),
                _given("failure_code", {"type": "string"}),
            ]
        }
    )

    code: Code | None = None
    other_codes: Annotated[tuple[Code, ...], Field(max_length=MAX_OTHER_CODES)] = ()
    connected: Flag = False
    autoconfig: AutoconfigFindings | None = None
    failure_code: FailureCode | None = None
    warnings: Warnings = ()
    diagnostics: Steps = ()
    evidence: Evidence | None = None
    transcript: Transcript = ()

    @model_validator(mode="after")
    def _one_ending(self) -> Self:
        endings = (self.code, self.connected or None, self.autoconfig, self.failure_code)
        if sum(ending is not None for ending in endings) != 1:
            raise ValueError("a result has either a code, or connected, or autoconfig, or a failure_code")
        return self


class ResultRecorded(WireModel):
    """What the Director made of a result."""

    state: ShortText
    failure_code: FailureCode | None = None
