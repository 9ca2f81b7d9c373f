"""The command ``director``."""

import argparse
import asyncio
import json
import logging
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NoReturn

from director_api import startup
from director_api.access.roles import Role
from director_api.access.service import mint_api_token, token_minted
from director_api.actors.schemas import (
    DEFAULT_ENROLLMENT_SECONDS,
    MAX_ENROLLMENT_SECONDS,
    EnrollmentTokenCreate,
)
from director_api.actors.service import mint_enrollment_token
from director_api.audit.log import COMMAND_LINE, differences, record
from director_api.database import Database
from director_api.problems import Problem
from director_api.profiles_command import add_import_arguments, import_profiles
from director_api.records import commands as records
from director_api.records.verifying import RecordError
from director_api.request_ids import RequestIdFilter
from director_api.schema import SchemaError, migrate
from director_api.security_zones.service import zone_by_name
from director_api.settings import Settings, SettingsError, load_settings
from director_api.vault import SecretKey, VaultError, open_vault, rewrap

_DURATION = re.compile(r"^(\d+)([smhd]?)$")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
Command = Callable[[argparse.Namespace], None]


def main() -> NoReturn:
    """Run the command; end with 1 and one clear sentence when it can't be done."""
    arguments = _parser().parse_args()
    try:
        arguments.command(arguments)
    except (SettingsError, VaultError, SchemaError, RecordError, Problem, OSError) as error:
        fields = "".join(f" {found.pointer}: {found.detail}" for found in getattr(error, "errors", ()))
        print(f"director: {error}{fields}", file=sys.stderr)
        sys.exit(1)
    sys.exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="director",
        description="Owns email profiles and their verification. Settings: DIRECTOR_* in the environment.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "serve", _serve, "serve the API")
    _add(commands, "migrate", _migrate, "bring the database's schema to this version")
    tokens = _add(commands, "api-tokens", None, "tokens of people and scripts")
    create = _add(
        tokens.add_subparsers(required=True, metavar="ACTION"), "create", _create_api_token, "print a token"
    )
    create.add_argument("--name", required=True)
    create.add_argument(
        "--role", required=True, type=Role, choices=list(Role), metavar="{viewer,operator,admin}"
    )
    tokens = _add(commands, "enrollment-tokens", None, "one-time tokens of Actors")
    create = _add(
        tokens.add_subparsers(required=True, metavar="ACTION"),
        "create",
        _create_enrollment_token,
        "print a token",
    )
    create.add_argument("--zone", help="the Actor's security zone; made where there is none of this name")
    create.add_argument(
        "--expires", type=_seconds, default=DEFAULT_ENROLLMENT_SECONDS, help="such as 30m, 1h, 7d"
    )
    keys = _add(commands, "keys", None, "the keys that open stored secrets")
    actions = keys.add_subparsers(required=True, metavar="ACTION")
    _add(actions, "generate", _generate_key, "print a new key, to stand first in DIRECTOR_SECRET_KEYS")
    _add(actions, "rotate", _rotate_keys, "wrap the database's keys by the first of DIRECTOR_SECRET_KEYS")
    profiles = _add(commands, "profiles", None, "email profiles")
    actions = profiles.add_subparsers(required=True, metavar="ACTION")
    add_import_arguments(_add(actions, "import", import_profiles, "send a file of profiles to a Director"))
    _add_records(_add(commands, "records", None, "signed records of verifications"))
    documents = _add(commands, "openapi", _write_openapi, "write the two OpenAPI documents")
    documents.add_argument("--out", type=Path, default=Path("openapi"), help="folder (default: openapi)")
    return parser


def _add_records(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    records.add_verify_arguments(
        _add(actions, "verify", records.verify, "check a record, and print what it says")
    )
    _add(
        actions,
        "rotate-key",
        lambda _: print(_with_database(records.rotate_key)),
        "sign by a new key from now on",
    )


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    command: Command | None,
    text: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    if command is not None:
        parser.set_defaults(command=command)
    return parser


def _seconds(text: str) -> int:
    match = _DURATION.match(text)
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 60 <= seconds <= MAX_ENROLLMENT_SECONDS:
        raise argparse.ArgumentTypeError("a duration from 60s to 30d, such as 30m, 1h or 7d")
    return seconds


def _serve(_: argparse.Namespace) -> None:
    from director_api.server import serve  # noqa: PLC0415  # the other commands need no web server

    settings = load_settings()
    logging.basicConfig(
        level=settings.log_level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(RequestIdFilter())
    keys, notice = startup.secret_keys(settings)
    if notice is not None:
        print(f"director: {notice}", file=sys.stderr)
    serve(settings, keys)


def _migrate(_: argparse.Namespace) -> None:
    async def run() -> None:
        database = Database(load_settings().database_url.get_secret_value())
        try:
            await migrate(database)
        finally:
            await database.close()

    asyncio.run(run())


def _create_api_token(arguments: argparse.Namespace) -> None:
    async def mint(database: Database, keys: tuple[SecretKey, ...]) -> str:
        vault = await open_vault(database, keys)
        async with database.write() as session:
            row, token = await mint_api_token(session, vault, name=arguments.name, role=arguments.role)
            record(session, COMMAND_LINE, "api_token.created", row.id, token_minted(row))
        return token

    print(_with_database(mint))


def _create_enrollment_token(arguments: argparse.Namespace) -> None:
    async def mint(database: Database, keys: tuple[SecretKey, ...]) -> str:
        vault = await open_vault(database, keys)
        async with database.write() as session:
            zone = await zone_by_name(session, arguments.zone) if arguments.zone else None
            wanted = EnrollmentTokenCreate(
                security_zone_id=zone.id if zone else None, expires_in_seconds=arguments.expires
            )
            row, token = await mint_enrollment_token(session, vault, wanted)
            record(
                session,
                COMMAND_LINE,
                "enrollment_token.created",
                row.id,
                differences({}, wanted.model_dump(mode="json")),
            )
        return token

    print(_with_database(mint))


def _generate_key(_: argparse.Namespace) -> None:
    print(SecretKey.generate().line())


def _rotate_keys(_: argparse.Namespace) -> None:
    async def run(database: Database, keys: tuple[SecretKey, ...]) -> str:
        changed = await rewrap(database, keys)
        return f"{changed} of the database's keys re-wrapped by {keys[0].key_id}"

    print(_with_database(run))


def _write_openapi(arguments: argparse.Namespace) -> None:
    from director_api.documents import documents  # noqa: PLC0415  # the other commands need no web framework

    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, document in documents().items():
        text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)
        (arguments.out / name).write_text(text + "\n", encoding="utf-8")


def _with_database(work: Callable[[Database, tuple[SecretKey, ...]], Awaitable[str]]) -> str:
    settings: Settings = load_settings()
    keys, notice = startup.secret_keys(settings)
    if notice is not None:
        print(f"director: {notice}", file=sys.stderr)

    async def run() -> str:
        async with startup.opened(settings) as database:
            return await work(database, keys)

    return asyncio.run(run())
