"""The base of every wire message and the bounded types that they are made of.

Each side treats what the other says as hostile, so every text and list has a limit.
"""

import math
from typing import Annotated
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    JsonValue,
    Strict,
    StringConstraints,
)
from pydantic_core import PydanticKnownError

__all__ = [
    "AnInteger",
    "AwareDatetime",
    "Duration",
    "Flag",
    "HostName",
    "Identifier",
    "JsonValue",
    "Line",
    "Sentence",
    "ShortText",
    "Storable",
    "WireModel",
    "storable",
]


def _number(value: object) -> object:
    """Refuse what JSON calls no number; 2.0 is an integer there (JSON Schema, section 6.1.1)."""
    if isinstance(value, bool | str):
        raise PydanticKnownError("int_type")
    return value


def storable(value: JsonValue) -> JsonValue:
    """Return ``value`` with U+FFFD for each NUL of its texts and null for NaN: PostgreSQL holds neither.

    Mail servers and messages say what they like. What was seen of them counts, so it is not refused.
    """
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [storable(part) for part in value]
    if isinstance(value, dict):
        return {str(storable(name)): storable(part) for name, part in value.items()}
    return value


Identifier = UUID
# JSON's own types alone, as the documents promise: 0 is no flag, and neither true nor "1" is a number.
Flag = Annotated[bool, Strict()]
AnInteger = BeforeValidator(_number)
"""Stands after a bound, which it would hide from the documents."""
Duration = Annotated[float, Strict()]
Storable = AfterValidator(storable)
ShortText = Annotated[str, StringConstraints(max_length=128), Storable]
HostName = Annotated[str, StringConstraints(max_length=255), Storable]
Line = Annotated[str, StringConstraints(max_length=512), Storable]
Sentence = Annotated[str, StringConstraints(max_length=2000), Storable]


class WireModel(BaseModel):
    """Immutable; unknown fields are ignored, so that a newer peer may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
