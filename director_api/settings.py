"""What the environment says: every ``DIRECTOR_*`` setting, checked once at start."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from director_api.body_limit import DEFAULT_MAX_BODY_BYTES
from director_api.console import built_console
from director_api.forgetting.forgetting import Kept
from director_api.lengths import DEFAULT, MOST_FILE, MOST_LINE, MOST_NAME, MOST_SECRET, MOST_TEXT, Lengths
from director_api.limits import MOST_IMPORT_PROFILES, MOST_PAGE_ITEMS, Limits
from director_api.outbox.clouds import Clouds
from director_api.sign_in.oidc import Oidc
from director_api.way_out import WayOut, check_authorities

PREFIX = "DIRECTOR_"
_SAFE_URL = r"^(https://[^/]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)(/.*)?$"
"""A secret is sent there: in clear it may only stay on this machine."""
_SAFE_ROOT = r"^https://[^/]+(/.*[^/])?$"
DEFAULT_DATABASE_URL = "sqlite+aiosqlite:///director.db"


class SettingsError(Exception):
    """The environment does not make sense; the message says which setting and why."""


class Settings(BaseSettings):
    """The Director's settings. Secrets may also come from a file named by ``DIRECTOR_*_FILE``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, hide_input_in_errors=True)

    database_url: SecretStr = SecretStr(DEFAULT_DATABASE_URL)
    database_url_file: Path | None = None
    listen_url: SecretStr | None = None
    listen_url_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/]+(/.*)?$")
    cors_origins: str = Field(default="", pattern=r"^(https?://[^/,\s]+(,\s*https?://[^/,\s]+)*)?$")
    secret_keys: SecretStr | None = None
    secret_keys_file: Path | None = None
    google_authorize_url: str = Field(
        default="https://accounts.google.com/o/oauth2/v2/auth", pattern=_SAFE_URL
    )
    google_token_url: str = Field(default="https://oauth2.googleapis.com/token", pattern=_SAFE_URL)
    gmail_root: str = Field(default="https://gmail.googleapis.com", pattern=_SAFE_ROOT)
    graph_root: str | None = Field(default=None, pattern=_SAFE_ROOT)
    graph_authority: str | None = Field(default=None, pattern=_SAFE_ROOT)
    oidc_issuer: str | None = Field(default=None, pattern=_SAFE_URL)
    oidc_audience: str | None = Field(default=None, min_length=1)
    oidc_role_claim: str = Field(default="role", min_length=1)
    oidc_client_id: str | None = Field(default=None, min_length=1)
    oidc_scopes: str = Field(default="openid profile", pattern=r"^[!#-\[\]-~]+( [!#-\[\]-~]+)*$")
    console_dir: Path | None = None
    ca_file: Path | None = None
    https_proxy: str | None = Field(default=None, pattern=r"^https?://[^/@\s]+/?$")
    max_body_bytes: int = Field(default=DEFAULT_MAX_BODY_BYTES, ge=65_536, le=256 * 1024 * 1024)
    max_page_items: int = Field(default=MOST_PAGE_ITEMS, ge=1, le=MOST_PAGE_ITEMS)
    max_import_profiles: int = Field(default=MOST_IMPORT_PROFILES, ge=1, le=MOST_IMPORT_PROFILES)
    max_name_length: int = Field(default=MOST_NAME, ge=16, le=MOST_NAME)
    max_line_length: int = Field(default=MOST_LINE, ge=64, le=MOST_LINE)
    max_text_length: int = Field(default=DEFAULT.texts, ge=1, le=MOST_TEXT)
    max_secret_length: int = Field(default=MOST_SECRET, ge=64, le=MOST_SECRET)
    max_file_length: int = Field(default=MOST_FILE, ge=1024, le=MOST_FILE)
    max_event_streams: int = Field(default=1000, ge=1, le=100_000)
    requests_per_second: float = Field(default=50, ge=0, le=1_000_000)
    request_burst: int = Field(default=200, ge=1, le=1_000_000)
    keep_runs_days: int = Field(default=90, ge=0, le=36_500)
    keep_audit_days: int = Field(default=0, ge=0, le=36_500)
    log_level: str = Field(default="info", pattern=r"^(debug|info|warning|error)$")

    @model_validator(mode="after")
    def _read_files(self) -> Self:
        if self.database_url_file is not None:
            self.database_url = _secret_from(self.database_url_file, "DATABASE_URL")
        if self.listen_url_file is not None:
            self.listen_url = _secret_from(self.listen_url_file, "LISTEN_URL")
        if self.listen_url is not None and self.sqlite_path is not None:
            raise ValueError("DIRECTOR_LISTEN_URL is for PostgreSQL behind a pooler; this database is SQLite")
        if self.secret_keys_file is not None:
            if self.secret_keys is not None:
                raise ValueError("set DIRECTOR_SECRET_KEYS or DIRECTOR_SECRET_KEYS_FILE, not both")
            self.secret_keys = _secret_from(self.secret_keys_file, "SECRET_KEYS")
        return self

    @model_validator(mode="after")
    def _check_oidc(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            raise ValueError("DIRECTOR_OIDC_ISSUER and DIRECTOR_OIDC_AUDIENCE are set together or not at all")
        if self.oidc_client_id is not None and self.oidc_issuer is None:
            raise ValueError("DIRECTOR_OIDC_CLIENT_ID needs DIRECTOR_OIDC_ISSUER")
        return self

    @property
    def limits(self) -> Limits:
        """What one request may ask for."""
        lengths = Lengths(
            self.max_name_length,
            self.max_line_length,
            self.max_text_length,
            self.max_secret_length,
            self.max_file_length,
        )
        return Limits(self.max_page_items, self.max_import_profiles, self.max_event_streams, lengths)

    @property
    def oidc(self) -> Oidc | None:
        """The issuer that is trusted; null where there is none."""
        if self.oidc_issuer is None or self.oidc_audience is None:
            return None
        scopes = tuple(self.oidc_scopes.split(" "))
        return Oidc(self.oidc_issuer, self.oidc_audience, self.oidc_role_claim, self.oidc_client_id, scopes)

    @field_validator("console_dir")
    @classmethod
    def _console(cls, folder: Path | None) -> Path | None:
        built_console(folder)
        return folder

    @property
    def console_files(self) -> Path | None:
        """The built console; null where there is none."""
        return built_console(self.console_dir)

    @field_validator("ca_file")
    @classmethod
    def _authorities(cls, path: Path | None) -> Path | None:
        if path is not None:
            check_authorities(path)
        return path

    @property
    def way_out(self) -> WayOut:
        """How the clouds are reached."""
        return WayOut(self.ca_file, self.https_proxy)

    @property
    def clouds(self) -> Clouds:
        """Where the clouds are that may carry the Director's own mail."""
        return Clouds(
            self.graph_root, self.graph_authority, self.gmail_root, self.google_token_url, self.way_out
        )

    @property
    def kept(self) -> Kept:
        """For how long what has ended is kept."""
        return Kept(_days(self.keep_runs_days), _days(self.keep_audit_days))

    @property
    def sqlite_path(self) -> Path | None:
        """The database's file where it is SQLite; null for a database server."""
        url = self.database_url.get_secret_value()
        scheme, _, path = url.partition(":///")
        return Path(path) if scheme.startswith("sqlite") else None


def _days(days: int) -> timedelta | None:
    return timedelta(days=days) if days else None


def _secret_from(path: Path, name: str) -> SecretStr:
    try:
        return SecretStr(path.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise ValueError(f"{PREFIX}{name}_FILE: {path} can't be read: {error.strerror}") from error


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a setting is unknown, malformed or contradicts another.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError(f"unknown setting {unknown[0]}; the known ones are {', '.join(sorted(known))}")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = PREFIX + str(first["loc"][0]).upper() + ": " if first["loc"] else ""
        raise SettingsError(f"{name}{first['msg'].removeprefix('Value error, ')}") from error
