"""What each command of ``actor`` does."""

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from actor_agent.agent import Agent
from actor_agent.director_client import DirectorClient
from actor_agent.director_clock import DirectorClock
from actor_agent.director_errors import CredentialRefused, DirectorError, DirectorRefused
from actor_agent.director_http import DirectorHttp, open_http
from actor_agent.exit_codes import ExitCode
from actor_agent.private_files import StateError
from actor_agent.reachability import Reachability
from actor_agent.retry_policy import RetryPolicy
from actor_agent.secret import Secret
from actor_agent.settings import Settings, SettingsError, checked_url, is_plain
from actor_agent.signals import stop_on_signals
from actor_agent.state import Enrollment, State
from actor_agent.version import VERSION

MAX_TOKEN_CHARACTERS = 1024

logger = logging.getLogger(__name__)


def enroll_command(settings: Settings, arguments: argparse.Namespace) -> ExitCode:
    """Join a Director and keep the identity that it gives."""
    state = State(settings.state_dir)
    kept = state.enrollment()
    if kept is not None and not arguments.replace:
        raise StateError(
            f"{state.folder} already holds the Actor {kept.name} of {kept.director_url}; "
            "--replace gives that identity up."
        )
    url = checked_url(arguments.director, "--director") if arguments.director else settings.director_url
    if url is None:
        raise SettingsError("--director or ACTOR_DIRECTOR_URL must say where the Director is")
    token = _token(arguments)
    return asyncio.run(_enroll(settings, state, url, token, arguments.name))


def run_command(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Work until a signal comes, the Director says stop, or it refuses the credential."""
    state = State(settings.state_dir)
    enrollment = _known(state)
    with state.running():
        return asyncio.run(_run(settings, state, enrollment))


def status_command(settings: Settings, _arguments: argparse.Namespace) -> ExitCode:
    """Print who this Actor is, whether it runs, and whether its Director answers."""
    state = State(settings.state_dir)
    enrollment = _known(state)
    url = settings.director_url or enrollment.director_url
    answer, code = asyncio.run(_ask_health(settings, url))
    rows = {
        "name": enrollment.name,
        "id": enrollment.actor_id,
        "state": state.folder,
        "running": "yes" if state.in_use() else "no",
        "director": f"{url} ({answer})",
    }
    sys.stdout.writelines(f"{title:<10}{value}\n" for title, value in rows.items())
    return code


async def _enroll(settings: Settings, state: State, url: str, token: Secret, name: str) -> ExitCode:
    from actor_agent.enrolling import enroll  # noqa: PLC0415  # brings cryptography, which run does without

    async with _http(settings, url) as http:
        client = DirectorClient(http, DirectorClock())
        enrollment = await enroll(state, client, director_url=url, token=token, name=name)
    sys.stdout.write(f"Enrolled as {enrollment.name} ({enrollment.actor_id}); start it with: actor run\n")
    return ExitCode.OK


async def _run(settings: Settings, state: State, enrollment: Enrollment) -> ExitCode:
    url = settings.director_url or enrollment.director_url
    async with _http(settings, url, enrollment.credential) as http:
        clock = DirectorClock()
        client = DirectorClient(http, clock)
        policy = RetryPolicy(Reachability())
        agent = Agent(state, enrollment, settings.reach, settings.capacity, client, policy, clock)
        stop_on_signals(agent.stop)
        logger.info(
            "Actor %s %s polls %s for up to %d jobs", enrollment.name, VERSION, url, settings.capacity
        )
        try:
            await agent.run()
        except CredentialRefused as error:
            logger.error("The Director no longer accepts this Actor: %s Enroll it again.", error)  # noqa: TRY400  # says all
            return ExitCode.CREDENTIAL_REFUSED
    logger.info("Stopped")
    return ExitCode.OK


async def _ask_health(settings: Settings, url: str) -> tuple[str, ExitCode]:
    async with _http(settings, url) as http:
        try:
            await DirectorClient(http, DirectorClock()).health()
        except DirectorError as error:
            refused = isinstance(error, DirectorRefused)
            return str(error), ExitCode.DIRECTOR_REFUSED if refused else ExitCode.DIRECTOR_AWAY
    return "answers", ExitCode.OK


def _http(settings: Settings, url: str, credential: Secret | None = None) -> DirectorHttp:
    if is_plain(url):
        logger.warning("%s is NOT ENCRYPTED: whoever sees the traffic can act as this Actor. Use https.", url)
    try:
        return open_http(url, credential=credential, ca_file=settings.ca_file)
    except OSError as error:
        raise SettingsError(f"ACTOR_CA_FILE: no certificates could be read from it: {error}") from error
    except ValueError as error:
        raise SettingsError(str(error)) from None  # the proxy's address may hold a password


def _known(state: State) -> Enrollment:
    enrollment = state.enrollment()
    if enrollment is None:
        raise StateError(f"{state.folder} holds no Actor: run actor enroll first, or set ACTOR_STATE_DIR.")
    return enrollment


def _token(arguments: argparse.Namespace) -> Secret:
    if arguments.token_file:
        text = _first_line_of(Path(arguments.token_file))
    elif arguments.token == "-":  # noqa: S105  # the sign for standard input
        text = sys.stdin.readline(MAX_TOKEN_CHARACTERS)
    else:
        text = arguments.token
    token = Secret(text.strip())
    if not token:
        raise SettingsError("the enrollment token is empty")
    return token


def _first_line_of(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline(MAX_TOKEN_CHARACTERS)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"--token-file: {path} can't be read: {error}") from error
