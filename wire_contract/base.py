"""The base of every wire message and the bounded types that they are made of.

Each side treats what the other says as hostile, so every text and list has a limit.
"""

from typing import Annotated
from uuid import UUID

from pydantic import (
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
    "Identifier",
    "JsonValue",
    "Line",
    "Sentence",
    "ShortText",
    "WireModel",
]


def _number(value: object) -> object:
    """Refuse what JSON calls no number; 2.0 is an integer there (JSON Schema, section 6.1.1)."""
    if isinstance(value, bool | str):
        raise PydanticKnownError("int_type")
    return value


Identifier = UUID
# JSON's own types alone, as the documents promise: 0 is no flag, and neither true nor "1" is a number.
Flag = Annotated[bool, Strict()]
AnInteger = BeforeValidator(_number)
"""Stands after a bound, which it would hide from the documents."""
Duration = Annotated[float, Strict()]
ShortText = Annotated[str, StringConstraints(max_length=128)]
Line = Annotated[str, StringConstraints(max_length=512)]
Sentence = Annotated[str, StringConstraints(max_length=2000)]


class WireModel(BaseModel):
    """Immutable; unknown fields are ignored, so that a newer peer may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
