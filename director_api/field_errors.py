"""Turning pydantic's findings into field errors: a JSON pointer, a stable code, what would be right."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from director_api.problem_codes import FIELDS

_UNION_TAGS = {"imap", "pop3", "microsoft_graph", "gmail", "smtp"}
_UNION_ERRORS = {"union_tag_invalid", "union_tag_not_found"}
_PLACES = {"body", "query", "path", "header", "cookie"}
_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "value_error": "invalid_value",
    "literal_error": "not_a_choice",
    "enum": "not_a_choice",
    "union_tag_invalid": "not_a_choice",
    "union_tag_not_found": "required",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_short": "too_short",
    "too_long": "too_long",
    "string_pattern_mismatch": "invalid_format",
}
_field_names: set[str] = set()


class FieldError(BaseModel):
    """One field that is wrong."""

    pointer: str = Field(description="A JSON pointer (RFC 6901) into the body, or /PARAMETER")
    code: str = Field(description="Stable", json_schema_extra={"enum": list[Any](FIELDS)})
    detail: str = Field(description="A sentence for a person")


class ApiModel(BaseModel):
    """The base of every body that a client sends or reads: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Remember the names of fields, to tell a typing error from an invention."""
        super().__pydantic_init_subclass__(**kwargs)
        _field_names.update(cls.model_fields)


def wrong_field(pointer: str, code: str, detail: str) -> PydanticCustomError:
    """Make the error of a rule over several fields, for a model's validator to raise.

    ``pointer`` is relative to the model; ``detail`` is a sentence.
    """
    return PydanticCustomError(
        "wrong_field", "{detail}", {"pointer": pointer, "code": code, "detail": detail}
    )


def field_errors(raw: Sequence[Any]) -> tuple[FieldError, ...]:
    """Translate the errors of a request. The value that was sent is never repeated: it may be a secret."""
    return tuple(_field_error(error) for error in raw)


def pointer_to(location: Iterable[str | int]) -> str:
    """Return a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def _field_error(error: Mapping[str, Any]) -> FieldError:
    location = list(error["loc"])
    if location and location[0] in _PLACES:
        location = location[1:]
    location = _without_union_tag(location)
    kind = str(error["type"])
    if kind in _UNION_ERRORS:
        location.append(
            str(error["ctx"]["discriminator"]).strip("'()")
        )  # a field, or a function named like it
    if kind == "wrong_field":
        context = error["ctx"]
        pointer = pointer_to(location) + context["pointer"]
        return FieldError(pointer=pointer, code=context["code"], detail=context["detail"])
    return FieldError(
        pointer=pointer_to(location), code=_CODES.get(kind, _type_code(kind)), detail=_detail(error, location)
    )


def did_you_mean(name: str, names: Collection[str]) -> str:
    """Return a question that names the one of ``names`` that is most like ``name``, or nothing."""
    near = get_close_matches(name, names, n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _without_union_tag(location: list[str | int]) -> list[str | int]:
    """Drop which member of the union it was: that is no part of the body. A union is the body or in ``profile``."""
    place = 1 if location[:1] == ["profile"] else 0
    return (
        location[:place] + location[place + 1 :]
        if location[place:][:1] and location[place] in _UNION_TAGS
        else location
    )


def _type_code(kind: str) -> str:
    return "wrong_type" if kind.endswith(("_type", "_parsing")) else "invalid_value"


def _detail(error: Mapping[str, Any], location: list[str | int]) -> str:
    if error["type"] == "extra_forbidden":
        name = str(location[-1])
        if name in _field_names:
            return "This field can't be given here: it is only read, or belongs to another type of object."
        return "There is no such field." + did_you_mean(name, _field_names)
    if error["type"] == "bool_type":
        return "true or false is expected."
    if error["type"] in ("missing", "union_tag_not_found"):
        return "This field is required."
    if error["type"] == "union_tag_invalid":
        return f"One of {error['ctx']['expected_tags']} is expected."
    return str(error["msg"]).removeprefix("Value error, ") + "."
