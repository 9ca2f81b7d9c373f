"""Reading many profiles from one request, each error at its row."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from director_api.email_profiles.csv_rows import read_csv
from director_api.email_profiles.schemas import ProfileCreate
from director_api.field_errors import FieldError, field_errors
from director_api.problems import Problem, invalid_fields

CSV = "text/csv"
_JSON = "application/json"
_MOST_ERRORS = 100
_PROFILE: TypeAdapter[ProfileCreate] = TypeAdapter(ProfileCreate)


def read_profiles(body: bytes, content_type: str, most: int) -> list[ProfileCreate]:
    """Return the profiles of a request's body, ``most`` of them at most. It works on nothing but its arguments, so a thread may do it.

    Raises:
        Problem: the body is of another type (415), malformed (400), or rows of it are wrong (422).
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in (CSV, _JSON):
        raise Problem(415, "unsupported_media_type", f"Send {_JSON} or {CSV}.")
    rows = read_csv(body) if media_type == CSV else _read_json(body)
    if not 1 <= len(rows) <= most:
        detail = f"There are {len(rows)} profiles; 1 to {most} are taken at once."
        raise invalid_fields((FieldError(pointer="", code="out_of_range", detail=detail),))
    wanted, errors = _validated(rows)
    if errors:
        refuse(errors, in_table=media_type == CSV)
    return wanted


def refuse(errors: Sequence[FieldError], *, in_table: bool) -> None:
    """Refuse the whole request for the errors of its rows; at most 100 are named.

    Raises:
        Problem: always.
    """
    named = errors[:_MOST_ERRORS]
    raise invalid_fields(tuple(_in_table(error) for error in named) if in_table else tuple(named))


def _read_json(body: bytes) -> list[Any]:
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Problem(400, "invalid_json", "The body is not JSON.") from error
    if not isinstance(rows, list):
        detail = "A list of profiles is expected."
        raise invalid_fields((FieldError(pointer="", code="wrong_type", detail=detail),))
    return rows


def _validated(rows: list[Any]) -> tuple[list[ProfileCreate], list[FieldError]]:
    wanted, errors = [], []
    for position, row in enumerate(rows):
        try:
            wanted.append(_PROFILE.validate_python(row))
        except ValidationError as error:
            found = field_errors(error.errors(include_url=False, include_input=False))
            errors += [_at_row(position, each) for each in found]
    return wanted, errors


def _at_row(position: int, error: FieldError) -> FieldError:
    return error.model_copy(update={"pointer": f"/{position}{error.pointer}"})


def _in_table(error: FieldError) -> FieldError:
    """Name the row and the column too: in a table nobody counts from nought."""
    _, row, *fields = error.pointer.split("/")
    column = ".".join(fields[:1] if fields[:1] == ["actor_ids"] else fields)
    return error.model_copy(update={"detail": f"Row {int(row) + 1}, column {column}: {error.detail}"})
