"""The command line of ``actor``: its commands, each of which loads what it needs alone."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from actor_agent.director_errors import DirectorAway, DirectorError
from actor_agent.event_log import configure_log
from actor_agent.exit_codes import MEANINGS, ExitCode
from actor_agent.private_files import StateError
from actor_agent.settings import Settings, SettingsError, load_settings
from actor_agent.version import VERSION

if TYPE_CHECKING:
    from actor_agent.probe.url import ProbedServer

Command = Callable[[Settings, argparse.Namespace], int]

_SETTINGS = """\
settings, from the environment:
  ACTOR_STATE_DIR      where this Actor keeps who it is (~/.local/state/email-actor)
  ACTOR_DIRECTOR_URL   the Director, in place of the one that the Actor enrolled with
  ACTOR_CAPACITY       how many mailboxes at a time, 1 to 64 (4)
  ACTOR_CA_FILE        PEM file of the authorities to trust for the Director, in place of the public ones
  ACTOR_EGRESS_ALLOW   hosts, *.domains and networks that may be connected to, each with an optional :port
  ACTOR_DNS_SERVER     address[:port] of the name server that autoconfiguration asks, in place of the system's
  ACTOR_LOG_LEVEL      debug, info, warning or error (info)

"""


_PROBE_ENDS = """\
exit codes:
  0  the server is reached and, where --user is given, lets the account in
  1  a step failed: the last lines say which, why, and what to do
  2  the command line is wrong
  3  a setting or a file is wrong
"""


def prepared(argv: Sequence[str] | None) -> Callable[[], int]:
    """Read the command line, load what its command needs, and return what runs it to its exit code.

    Raises:
        SystemExit: the command line is wrong, or asks for help alone.
    """
    arguments = _parser().parse_args(argv)
    return partial(_run, arguments.load(), arguments)


def _run(command: Command, arguments: argparse.Namespace) -> int:
    try:
        settings = load_settings(os.environ)
        configure_log(settings.log_level)
        return int(command(settings, arguments))
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
    commands = parser.add_subparsers(required=True, metavar="COMMAND", prog=parser.prog)
    _add_enroll(commands.add_parser("enroll", help="join a Director with a one-time token"))
    run = commands.add_parser("run", help="poll the Director for work until stopped")
    run.set_defaults(load=_load_run)
    status = commands.add_parser("status", help="show who this Actor is and whether its Director answers")
    status.set_defaults(load=_load_status)
    _add_probe(
        commands.add_parser(
            "probe",
            help="diagnose a mail server by hand, without a Director",
            epilog=_PROBE_ENDS,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    return parser


def _add_enroll(enroll: argparse.ArgumentParser) -> None:
    enroll.set_defaults(load=_load_enroll)
    enroll.add_argument("--director", metavar="URL", help="https://host[:port]; default: ACTOR_DIRECTOR_URL")
    enroll.add_argument("--name", required=True, help="what people call this Actor")
    token = enroll.add_mutually_exclusive_group(required=True)
    token.add_argument("--token", help="the enrollment token, or - to read it from standard input")
    token.add_argument("--token-file", metavar="FILE", help="a file that holds it; arguments show in ps")
    enroll.add_argument("--replace", action="store_true", help="give up the identity that this Actor has")


def _add_probe(probe: argparse.ArgumentParser) -> None:
    probe.set_defaults(load=_load_probe)
    probe.add_argument(
        "url", type=_url, metavar="URL", help="imap[s]://, pop3[s]:// or smtp[s]://host[:port][?starttls]"
    )
    probe.add_argument("--user", help="log in as this account; the password is asked for")
    password = probe.add_mutually_exclusive_group()
    password.add_argument("--password-file", type=Path, metavar="FILE", help="read it from the first line")
    password.add_argument("--password-env", metavar="NAME", help="read it from this environment variable")
    probe.add_argument("--auth", choices=("plain", "ntlm"), default="plain", help="how to log in (plain)")
    probe.add_argument("--ca-file", type=Path, metavar="FILE", help="trust these authorities (PEM) alone")
    probe.add_argument("--no-verify", action="store_true", help="accept ANY certificate, and say so")
    probe.add_argument("--json", action="store_true", help="print one JSON document")
    probe.add_argument("--no-colour", "--no-color", action="store_true", help="as NO_COLOR=1 does")


def _url(text: str) -> "ProbedServer":
    from actor_agent.probe.url import parse_url

    try:
        return parse_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _load_enroll() -> Command:
    from actor_agent.commands import enroll_command

    return enroll_command


def _load_run() -> Command:
    from actor_agent.commands import run_command

    return run_command


def _load_status() -> Command:
    from actor_agent.commands import status_command

    return status_command


def _load_probe() -> Command:
    from actor_agent.probe.command import probe_command

    return probe_command
