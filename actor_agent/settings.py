"""What the environment says: every ``ACTOR_*`` setting, checked once at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from mail_transport.egress import EgressPolicy

PREFIX = "ACTOR_"
KNOWN = ("CAPACITY", "CA_FILE", "DIRECTOR_URL", "EGRESS_ALLOW", "LOG_LEVEL", "STATE_DIR")
LOG_LEVELS = ("debug", "info", "warning", "error")
MAX_CAPACITY = 64


class SettingsError(Exception):
    """A setting is unknown or makes no sense; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The Actor's settings. ``director_url`` null: the one that the Actor enrolled with."""

    state_dir: Path
    director_url: str | None
    capacity: int
    ca_file: Path | None
    egress: EgressPolicy
    log_level: str


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read ``environ``; an empty value counts as unset.

    Raises:
        SettingsError: a setting is unknown or malformed.
    """
    values = {name.removeprefix(PREFIX): text for name, text in environ.items() if name.startswith(PREFIX)}
    _refuse_unknown(values)
    given = {name: text.strip() for name, text in values.items() if text.strip()}
    return Settings(
        state_dir=Path(given["STATE_DIR"]) if "STATE_DIR" in given else _default_state_dir(environ),
        director_url=checked_url(given["DIRECTOR_URL"], "ACTOR_DIRECTOR_URL")
        if "DIRECTOR_URL" in given
        else None,
        capacity=_capacity(given.get("CAPACITY", "4")),
        ca_file=_readable(given["CA_FILE"]) if "CA_FILE" in given else None,
        egress=_egress(given.get("EGRESS_ALLOW", "")),
        log_level=_log_level(given.get("LOG_LEVEL", "info")),
    )


def checked_url(text: str, name: str) -> str:
    """Return the Director's URL without a slash at its end.

    Raises:
        SettingsError: it is not ``http(s)://host[:port][/path]``; the message begins with ``name``.
    """
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError) as error:
        raise SettingsError(f"{name}: not a URL: {error}") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise SettingsError(f"{name}: must be https://host[:port], such as https://director.example.com")
    if url.userinfo or url.query or url.fragment:
        raise SettingsError(f"{name}: must hold no user, password, query or fragment")
    return str(url).rstrip("/")


def _refuse_unknown(values: Mapping[str, str]) -> None:
    unknown = sorted(set(values) - set(KNOWN))
    if unknown:
        known = ", ".join(PREFIX + name for name in KNOWN)
        raise SettingsError(f"{PREFIX}{unknown[0]}: there is no such setting; the known ones are {known}")


def _default_state_dir(environ: Mapping[str, str]) -> Path:
    # XDG Base Directory Specification: a relative path in XDG_STATE_HOME is to be ignored.
    base = Path(environ.get("XDG_STATE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".local" / "state") / "email-actor"


def _capacity(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_CAPACITY):
        raise SettingsError(f"ACTOR_CAPACITY: must be a whole number from 1 to {MAX_CAPACITY}, is {text!r}")
    return int(text)


def _readable(text: str) -> Path:
    path = Path(text)
    try:
        path.open("rb").close()
    except OSError as error:
        raise SettingsError(f"ACTOR_CA_FILE: {path} can't be read: {error.strerror}") from error
    return path


def _egress(text: str) -> EgressPolicy:
    try:
        return EgressPolicy.parse(text)
    except ValueError as error:
        raise SettingsError(f"ACTOR_EGRESS_ALLOW: {error}") from error


def _log_level(text: str) -> str:
    if text not in LOG_LEVELS:
        raise SettingsError(f"ACTOR_LOG_LEVEL: must be one of {', '.join(LOG_LEVELS)}, is {text!r}")
    return text
