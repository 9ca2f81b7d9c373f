"""What the Director asks of an Actor itself, beside or instead of work."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from wire_contract.base import Flag, Line, ShortText, WireModel


class ControlAction(StrEnum):
    """What this version knows. An Actor logs an action that it does not know and goes on."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    ROTATE_CREDENTIAL = "rotate_credential"
    RUN_DIAGNOSTICS = "run_diagnostics"
    SET_INTERVALS = "set_intervals"


class Finding(WireModel):
    """One thing that an Actor found out about itself."""

    name: ShortText
    ok: Flag
    detail: Line


class SelfDiagnosis(WireModel):
    """The answer to ``run_diagnostics``."""

    findings: Annotated[tuple[Finding, ...], Field(max_length=32)]
