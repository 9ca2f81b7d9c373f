"""The base of every wire message and the bounded types that they are made of.

Each side treats what the other says as hostile, so every text and list has a limit.
"""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue, StringConstraints

__all__ = ["AwareDatetime", "Identifier", "JsonValue", "Line", "Sentence", "ShortText", "WireModel"]

Identifier = UUID
ShortText = Annotated[str, StringConstraints(max_length=128)]
Line = Annotated[str, StringConstraints(max_length=512)]
Sentence = Annotated[str, StringConstraints(max_length=2000)]


class WireModel(BaseModel):
    """Immutable; unknown fields are ignored, so that a newer peer may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)
