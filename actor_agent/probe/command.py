"""The command line of ``actor probe``."""

import argparse
import asyncio
import getpass
import os
import sys
from pathlib import Path

from pydantic import SecretStr, ValidationError

from actor_agent.probe.probing import EVERYWHERE, Probe
from actor_agent.probe.showing import as_json, as_text, wants_colour
from actor_agent.probe.url import ProbedServer
from actor_agent.settings import Settings, SettingsError
from mail_transport.journal import Journal
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Authentication, MailServer, PasswordCredentials, TlsPolicy


def probe_command(settings: Settings, arguments: argparse.Namespace) -> int:
    """Probe a server and print what happened. Returns 0 when it is reached, else 1.

    Raises:
        SettingsError: a file can't be read, or the variable with the password is not set.
    """
    url: ProbedServer = arguments.url
    probe = Probe(
        url.protocol,
        _server(url, arguments),
        _tls(arguments),
        _credentials(url, arguments),
        settings.reach.egress if settings.reach.egress.rules else EVERYWHERE,
    )
    journal = Journal()
    failure = asyncio.run(probe.run(journal))
    shown = _shown(arguments, url, journal, failure)
    sys.stdout.write(shown)
    if failure is FailureCode.EGRESS_NOT_ALLOWED:
        sys.stderr.write("actor: ACTOR_EGRESS_ALLOW is set in this environment and stopped the probe.\n")
    return 1 if failure else 0


def _shown(
    arguments: argparse.Namespace, url: ProbedServer, journal: Journal, failure: FailureCode | None
) -> str:
    if arguments.json:
        return as_json(str(url), journal, failure)
    return as_text(str(url), journal, failure, colour=wants_colour(sys.stdout, refused=arguments.no_colour))


def _server(url: ProbedServer, arguments: argparse.Namespace) -> MailServer:
    return MailServer(
        host=url.host,
        port=url.port,
        encryption=url.encryption,
        authentication=Authentication(arguments.auth),
    )


def _tls(arguments: argparse.Namespace) -> TlsPolicy:
    authorities = None
    if arguments.ca_file is not None:
        authorities = _read(arguments.ca_file, "--ca-file")
    return TlsPolicy(ca_certificate=authorities, verify=not arguments.no_verify)


def _credentials(url: ProbedServer, arguments: argparse.Namespace) -> PasswordCredentials | None:
    username = arguments.user or url.username
    if username is None:
        if arguments.password_file is not None or arguments.password_env is not None:
            raise SettingsError("a password was given and no --user to log in as")
        return None
    try:
        return PasswordCredentials(username=username, password=SecretStr(_password(arguments, username)))
    except ValidationError as error:
        raise SettingsError(f"--user: {error.errors()[0]['msg']}") from error


def _password(arguments: argparse.Namespace, username: str) -> str:
    if arguments.password_file is not None:
        return _read(arguments.password_file, "--password-file").splitlines()[0]
    if arguments.password_env is not None:
        if arguments.password_env not in os.environ:
            raise SettingsError(f"--password-env: the variable {arguments.password_env} is not set")
        return os.environ[arguments.password_env]
    return getpass.getpass(f"Password of {username}: ")


def _read(path: Path, name: str) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name}: {path} can't be read: {error}") from error
    if not text.strip():
        raise SettingsError(f"{name}: {path} is empty")
    return text
