"""The ``actor`` command."""

import argparse
import os
import sys
from collections.abc import Sequence

from actor_agent.commands import enroll_command, run_command, status_command
from actor_agent.director_errors import DirectorAway, DirectorError
from actor_agent.event_log import configure_log
from actor_agent.exit_codes import MEANINGS, ExitCode
from actor_agent.private_files import StateError
from actor_agent.settings import SettingsError, load_settings
from actor_agent.version import VERSION

_SETTINGS = """\
settings, from the environment:
  ACTOR_STATE_DIR      where this Actor keeps who it is (~/.local/state/email-actor)
  ACTOR_DIRECTOR_URL   the Director, in place of the one that the Actor enrolled with
  ACTOR_CAPACITY       how many mailboxes at a time, 1 to 64 (4)
  ACTOR_CA_FILE        PEM file of the authorities to trust for the Director, in place of the public ones
  ACTOR_EGRESS_ALLOW   hosts, *.domains and networks that may be connected to, each with an optional :port
  ACTOR_LOG_LEVEL      debug, info, warning or error (info)

"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        settings = load_settings(os.environ)
        configure_log(settings.log_level)
        return int(arguments.command(settings, arguments))
    except SettingsError as error:
        return _end(error, ExitCode.SETTINGS)
    except StateError as error:
        return _end(error, ExitCode.STATE)
    except DirectorAway as error:
        return _end(error, ExitCode.DIRECTOR_AWAY)
    except DirectorError as error:
        return _end(error, ExitCode.DIRECTOR_REFUSED)


def _end(error: Exception, code: ExitCode) -> int:
    print(f"actor: {error}", file=sys.stderr)
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="actor",
        description="Looks into mailboxes from where it stands, on behalf of a Director.",
        epilog=_SETTINGS + MEANINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_enroll(commands.add_parser("enroll", help="join a Director with a one-time token"))
    run = commands.add_parser("run", help="poll the Director for work until stopped")
    run.set_defaults(command=run_command)
    status = commands.add_parser("status", help="show who this Actor is and whether its Director answers")
    status.set_defaults(command=status_command)
    return parser


def _add_enroll(enroll: argparse.ArgumentParser) -> None:
    enroll.set_defaults(command=enroll_command)
    enroll.add_argument("--director", metavar="URL", help="https://host[:port]; default: ACTOR_DIRECTOR_URL")
    enroll.add_argument("--name", required=True, help="what people call this Actor")
    token = enroll.add_mutually_exclusive_group(required=True)
    token.add_argument("--token", help="the enrollment token, or - to read it from standard input")
    token.add_argument("--token-file", metavar="FILE", help="a file that holds it; arguments show in ps")
    enroll.add_argument("--replace", action="store_true", help="give up the identity that this Actor has")
