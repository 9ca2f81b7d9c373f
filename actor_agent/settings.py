"""What the environment says: every ``ACTOR_*`` setting, checked once at start."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from actor_agent.reach import CloudEndpoints, Reach
from mail_transport.egress import EgressPolicy

PREFIX = "ACTOR_"
KNOWN = (
    "CAPACITY",
    "CA_FILE",
    "DIRECTOR_URL",
    "DNS_SERVER",
    "EGRESS_ALLOW",
    "GMAIL_ROOT",
    "GOOGLE_TOKEN_URL",
    "GRAPH_AUTHORITY",
    "GRAPH_ROOT",
    "HTTPS_PROXY",
    "LOG_LEVEL",
    "STATE_DIR",
)
LOG_LEVELS = ("debug", "info", "warning", "error")
MAX_CAPACITY = 64
_IN_HOSTS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_:%")
_IN_PATHS = "/%:@!$&'()*+,;=~"
"""RFC 3986, section 3.3; an escape stays as it is."""


class SettingsError(Exception):
    """A setting is unknown or makes no sense; the message says which and why."""


class Settings(NamedTuple):
    """The Actor's settings. ``director_url`` null: the one that the Actor enrolled with."""

    state_dir: Path
    director_url: str | None
    capacity: int
    ca_file: Path | None
    reach: Reach
    log_level: str


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read ``environ``; an empty value counts as unset.

    Raises:
        SettingsError: a setting is unknown or malformed.
    """
    values = {name.removeprefix(PREFIX): text for name, text in environ.items() if name.startswith(PREFIX)}
    _refuse_unknown(values)
    given = {name: text.strip() for name, text in values.items() if text.strip()}
    ca_file = _readable(given["CA_FILE"]) if "CA_FILE" in given else None
    return Settings(
        state_dir=Path(given["STATE_DIR"]) if "STATE_DIR" in given else _default_state_dir(environ),
        director_url=checked_url(given["DIRECTOR_URL"], "ACTOR_DIRECTOR_URL")
        if "DIRECTOR_URL" in given
        else None,
        capacity=_capacity(given.get("CAPACITY", "4")),
        ca_file=ca_file,
        reach=_reach(given, ca_file),
        log_level=_log_level(given.get("LOG_LEVEL", "info")),
    )


def checked_url(text: str, name: str) -> str:
    """Return a URL without a slash at its end.

    Raises:
        SettingsError: it is not ``http(s)://host[:port][/path]``; the message begins with ``name``.
    """
    try:
        url = urlsplit(text)
        host = _ascii(url.hostname or "")
        port = f":{url.port}" if url.port is not None else ""
    except ValueError:
        # Without the library's own words, which quote what may hold a password.
        raise SettingsError(f"{name}: not a URL") from None
    if url.scheme not in {"http", "https"} or not host:
        raise SettingsError(f"{name}: must be https://host[:port], such as https://director.example.com")
    if "@" in url.netloc or url.query or url.fragment:
        raise SettingsError(f"{name}: must hold no user, password, query or fragment")
    return f"{url.scheme}://{host}{port}{quote(url.path, safe=_IN_PATHS)}".rstrip("/")


def _ascii(host: str) -> str:
    name = host if host.isascii() else host.encode("idna").decode("ascii")
    if not set(name) <= _IN_HOSTS:
        raise ValueError("a host name has letters, digits, dots and hyphens")
    return f"[{name}]" if ":" in name else name


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


def _reach(given: Mapping[str, str], ca_file: Path | None) -> Reach:
    defaults = CloudEndpoints()
    return Reach(
        egress=_egress(given.get("EGRESS_ALLOW", "")),
        clouds=CloudEndpoints(
            graph_root=_endpoint(given, "GRAPH_ROOT"),
            graph_authority=_endpoint(given, "GRAPH_AUTHORITY"),
            gmail_root=_endpoint(given, "GMAIL_ROOT") or defaults.gmail_root,
            google_token_url=_endpoint(given, "GOOGLE_TOKEN_URL") or defaults.google_token_url,
        ),
        ca_file=ca_file,
        https_proxy=checked_url(given["HTTPS_PROXY"], "ACTOR_HTTPS_PROXY")
        if "HTTPS_PROXY" in given
        else None,
        dns_server=_dns_server(given["DNS_SERVER"]) if "DNS_SERVER" in given else None,
    )


def _dns_server(text: str) -> tuple[str, int]:
    address, _, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "53")
    try:
        ip = ipaddress.ip_address(address.strip("[]"))
    except ValueError as error:
        raise SettingsError(f"ACTOR_DNS_SERVER: must be address[:port], is {text!r}") from error
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise SettingsError(f"ACTOR_DNS_SERVER: the port must be from 1 to 65535, is {port!r}")
    return str(ip), int(port)


def _endpoint(given: Mapping[str, str], name: str) -> str | None:
    """An endpoint that secrets are sent to: in clear they may only stay on this machine."""
    if name not in given:
        return None
    url = checked_url(given[name], PREFIX + name)
    if is_plain(url):
        raise SettingsError(f"{PREFIX}{name}: must begin with https://, except on a loopback address")
    return url


def is_plain(text: str) -> bool:
    """Tell whether what is sent to ``text`` leaves this machine without encryption."""
    url = urlsplit(text)
    host = url.hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    return url.scheme == "http" and not loopback


def _egress(text: str) -> EgressPolicy:
    try:
        return EgressPolicy.parse(text)
    except ValueError as error:
        raise SettingsError(f"ACTOR_EGRESS_ALLOW: {error}") from error


def _log_level(text: str) -> str:
    if text not in LOG_LEVELS:
        raise SettingsError(f"ACTOR_LOG_LEVEL: must be one of {', '.join(LOG_LEVELS)}, is {text!r}")
    return text
