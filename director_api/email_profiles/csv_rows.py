"""Profiles as a table (CSV, RFC 4180): a column for each field, named by its dotted path."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from director_api.field_errors import FieldError, did_you_mean
from director_api.problems import Problem, invalid_fields

COLUMNS = (
    "server_type",
    "email_address",
    "actor_ids",
    "security_zone_id",
    "send_verification_manually",
    "reverify_every_hours",
    "note",
    "mailbox",
    "delete_verification_message",
    "account.username",
    "account.password",
    "incoming.host",
    "incoming.port",
    "incoming.encryption",
    "incoming.authentication",
    "outgoing.host",
    "outgoing.port",
    "outgoing.encryption",
    "outgoing.authentication",
    "oauth.provider",
    "oauth.tenant_id",
    "oauth.client_id",
    "oauth.client_secret",
    "oauth.cloud",
    "tls.ca_certificate",
    "tls.pinned_sha256",
    "tls.verify",
    "graph.tenant_id",
    "graph.client_id",
    "graph.client_secret",
    "graph.client_secret_expires_at",
    "graph.cloud",
    "gmail.client_id",
    "gmail.client_secret",
    "gmail.scope",
    "gmail.service_account_json",
)
"""All that a table may hold. ``actor_ids`` are separated by spaces."""
_NUMBERS = {"reverify_every_hours", "incoming.port", "outgoing.port"}
_NUMBER = re.compile(r"^([0-9]{1,9})(?:\.0+)?$")
_FLAGS = {"send_verification_manually", "delete_verification_message", "tls.verify"}
_WORDS = {
    **dict.fromkeys(("true", "yes", "on", "1", "t", "y"), True),
    **dict.fromkeys(("false", "no", "off", "0", "f", "n"), False),
}
"""What spreadsheets and people write."""


def write_header() -> str:
    """Return the line that names the columns."""
    return _lines([COLUMNS])


def write_rows(profiles: Sequence[Mapping[str, Any]]) -> str:
    """Return a line for each profile, as :func:`read_csv` reads it. What is null is an empty cell."""
    return _lines([[_cell(profile, name) for name in COLUMNS] for profile in profiles])


def _lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(profile: Mapping[str, Any], name: str) -> str:
    outer, _, inner = name.partition(".")
    value = profile.get(outer)
    if inner:
        value = (value or {}).get(inner)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None else str(value)


def read_csv(body: bytes) -> list[dict[str, Any]]:
    """Return the profiles of a table, as JSON would hold them. An empty cell leaves its field out.

    Raises:
        Problem: it is not UTF-8, not CSV, or has a column that no profile has.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(400, "invalid_csv", f"The table is not UTF-8 at byte {error.start}.") from error
    if "\x00" in text:
        raise Problem(400, "invalid_csv", "The table holds a NUL character.")
    table = io.StringIO(text, newline="")  # str.splitlines would end lines at what CSV does not quote
    first = table.readline()
    table.seek(0)
    # Spreadsheets write semicolons where the comma is the decimal mark.
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(table, delimiter=delimiter, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _refuse_unknown_columns(header)
        return [_profile(header, cells, reader.line_num) for cells in reader if any(cells)]
    except csv.Error as error:
        raise Problem(400, "invalid_csv", f"Line {reader.line_num} is not CSV: {error}.") from error


def _refuse_unknown_columns(header: list[str]) -> None:
    if not set(header) & set(COLUMNS):
        raise Problem(400, "invalid_csv", "The first line must name the columns, as an export does.")
    errors = tuple(_wrong_columns(header))
    if errors:
        raise invalid_fields(errors)


def _wrong_columns(header: list[str]) -> Iterator[FieldError]:
    for position, name in enumerate(header, start=1):
        if name not in COLUMNS:
            # What it is named is not repeated: in a table without such a line it is a value, and may be secret.
            detail = f"No profile has a field of the name that column {position} of the table has."
            yield FieldError(pointer="", code="unknown_field", detail=detail + did_you_mean(name, COLUMNS))
        elif header.index(name) != position - 1:
            yield FieldError(pointer="", code="repeated", detail=f"Two columns are named {name}.")


def _profile(header: list[str], cells: list[str], line: int) -> dict[str, Any]:
    if len(cells) > len(header):
        raise Problem(400, "invalid_csv", f"Line {line} has more cells than there are columns.")
    profile: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=False):
        if cell == "":
            continue
        outer, _, inner = name.partition(".")
        if inner:
            profile.setdefault(outer, {})[inner] = _value(name, cell)
        else:
            profile[outer] = _value(name, cell)
    return profile


def _value(name: str, cell: str) -> Any:
    """Return what JSON would hold; a text where a number or a flag is wanted is refused at its row like any other."""
    if name == "actor_ids":
        return cell.split()
    if name in _FLAGS:
        return _WORDS.get(cell.strip().lower(), cell)
    if name in _NUMBERS and (number := _NUMBER.match(cell.strip())):
        return int(number[1])
    return cell
