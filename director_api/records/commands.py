"""``director records``: check a record without the Director, and change the key that signs."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from director_api.database import Database
from director_api.records.keys import add_key
from director_api.records.verifying import RecordError, verified
from director_api.vault import SecretKey, open_vault

KEYS_ROUTE = "/.well-known/verification-keys"
_TIMEOUT_SECONDS = 10.0


def add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``records verify``."""
    parser.add_argument("file", help="the record, or - for standard input")
    keys = parser.add_mutually_exclusive_group(required=True)
    keys.add_argument("--keys", type=Path, metavar="FILE", help=f"the JWK Set that {KEYS_ROUTE} gave")
    keys.add_argument("--url", help="the Director to ask for its keys")


def verify(arguments: argparse.Namespace) -> None:
    """Print what the record says.

    Raises:
        RecordError: it is not signed by any of the keys.
        OSError: a file can't be read, or the Director does not answer.
    """
    record = sys.stdin.read() if arguments.file == "-" else Path(arguments.file).read_text(encoding="utf-8")
    keys = _from_director(arguments.url) if arguments.url else _from_file(arguments.keys)
    print(json.dumps(verified(record, keys), indent=2))  # noqa: T201  # because it is a command's answer


async def rotate_key(database: Database, keys: tuple[SecretKey, ...]) -> str:
    """Let a new key sign from now on; return a sentence for the terminal."""
    vault = await open_vault(database, keys)
    async with database.write() as session:
        key = add_key(session, vault)
    return f"records are signed by {key.kid} from now on; records of before can still be checked"


def _from_file(path: Path) -> dict[str, Any]:
    try:
        keys: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RecordError(f"{path} is not a JWK Set") from error
    return keys


def _from_director(url: str) -> dict[str, Any]:
    import httpx  # noqa: PLC0415  # because checking by a file needs no client

    if urlsplit(url).scheme not in {"http", "https"}:
        raise RecordError("--url must be http(s)://host[:port]")
    try:
        answer = httpx.get(url.rstrip("/") + KEYS_ROUTE, timeout=_TIMEOUT_SECONDS).raise_for_status()
        keys: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise RecordError(f"the Director at {url} gave no keys: {error}") from error
    return keys
