"""``director profiles import``: sends a file of profiles to a Director."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

_CHUNK = 65_536
_TYPES = {".json": "application/json", ".csv": "text/csv"}
_SECONDS = 120.0


class ImportRefusedError(Exception):
    """The file was not imported, and nothing of it was."""


def add_import_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("file", type=Path, help="profiles as a JSON list (.json) or a table (.csv)")
    parser.add_argument("--url", required=True, help="the Director, such as https://director.example.com")
    parser.add_argument("--token-file", type=Path, required=True, help="holds the token of an operator")


def import_profiles(arguments: argparse.Namespace) -> None:
    """Send the file, all or none of it, and show how far it is.

    Raises:
        ImportRefusedError: the Director is not reached, or refuses; each wrong row is named.
        OSError: a file can't be read.
    """
    media_type = _TYPES.get(arguments.file.suffix.lower())
    if media_type is None:
        raise ImportRefusedError("name the file .json or .csv, after what it holds")
    body = arguments.file.read_bytes()
    token = arguments.token_file.read_text(encoding="utf-8").strip()
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": media_type,
        "Content-Length": str(len(body)),
    }
    url = f"{arguments.url.rstrip('/')}/email-profiles/import"
    try:
        answer = httpx.post(url, content=_sent(body), headers=headers, timeout=_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ImportRefusedError(f"the Director at {arguments.url} is not reached: {error}") from error
    finally:
        print(file=sys.stderr)
    if answer.status_code != httpx.codes.CREATED:
        raise ImportRefusedError(_reasons(answer))
    print(f"{answer.json()['created']} profiles made")


def _sent(body: bytes) -> Iterator[bytes]:
    """Yield the body in pieces, with a line that shows how much is sent."""
    for start in range(0, len(body), _CHUNK):
        yield body[start : start + _CHUNK]
        percent = 100 * min(start + _CHUNK, len(body)) // len(body)
        print(f"\r{percent:3} % of {len(body):,} bytes sent", end="", file=sys.stderr, flush=True)
    print("; the Director makes the profiles", end="", file=sys.stderr, flush=True)


def _reasons(answer: httpx.Response) -> str:
    try:
        problem: dict[str, Any] = answer.json()
        lines = [f"nothing was imported: {problem['detail']}"]
        lines += [f"  {error['pointer']}: {error['detail']}" for error in problem.get("errors") or ()]
    except (ValueError, KeyError, TypeError):
        return f"nothing was imported: the answer is HTTP {answer.status_code}, and not a Director's"
    return "\n".join(lines)
