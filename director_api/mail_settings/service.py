"""Reading and changing the Director's mail settings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import SecretStr, TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import utc_now
from director_api.fields import Encryption, SecretState
from director_api.mail_settings import bounces
from director_api.mail_settings.models import ONLY, EmailActions, EmailSettings
from director_api.mail_settings.schemas import (
    EmailActionSettings,
    EmailSettingsRead,
    EmailSettingsWrite,
    SmtpMailWrite,
    Transport,
)
from director_api.problems import Problem, invalid_field
from director_api.vault import Vault

_OWNER = "email_settings:password"
_SECRETS = {
    Transport.SMTP: "password",
    Transport.MICROSOFT_GRAPH: "client_secret",
    Transport.GMAIL: "service_account_json",
}
_SENDS_ELSEWHERE = {
    Transport.SMTP: ("host", "port", "username", "tls"),
    Transport.MICROSOFT_GRAPH: ("tenant_id", "client_id", "cloud", "from_address"),
    Transport.GMAIL: ("from_address",),
}
_READ: TypeAdapter[EmailSettingsRead] = TypeAdapter(EmailSettingsRead)


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """The Director's mail settings with their secret, for the sender alone."""

    settings: EmailSettingsRead
    secret: SecretStr | None


async def read_email_settings(session: AsyncSession) -> EmailSettingsRead:
    """Return the settings.

    Raises:
        Problem: none were made yet.
    """
    row = await session.get(EmailSettings, ONLY)
    if row is None:
        raise Problem(
            404, "not_configured", "The Director has no mail server of its own yet: PUT /settings/email."
        )
    return _shown(row)


async def audited_email_settings(session: AsyncSession) -> dict[str, Any]:
    """Return what the audit log may hold of the settings: all but the secret."""
    row = await session.get(EmailSettings, ONLY)
    return _stored(row) if row else {}


async def outgoing_mail(session: AsyncSession, vault: Vault) -> OutgoingMail | None:
    """Return what the sender needs, or null where there are no settings."""
    row = await session.get(EmailSettings, ONLY)
    if row is None:
        return None
    secret = row.password_encrypted and SecretStr(vault.decrypt(row.password_encrypted, owner=_OWNER))
    return OutgoingMail(_shown(row), secret or None)


async def write_email_settings(
    session: AsyncSession, vault: Vault, wanted: EmailSettingsWrite
) -> EmailSettingsRead:
    """Replace the settings; a secret that is left out is kept unless it would go elsewhere.

    That holds for the mailbox of undeliverable mail too.

    Raises:
        Problem: the secret is needed (again).
    """
    row = await session.get(EmailSettings, ONLY)
    name = _SECRETS[wanted.transport]
    secret: SecretStr | None = getattr(wanted, name)
    configuration = wanted.model_dump(mode="json", exclude={name: True, "bounces": {"password"}})
    if row is None:
        row = EmailSettings(id=ONLY, configuration=configuration)
        session.add(row)
    elif secret is None and row.password_encrypted is not None and _needs_secret(wanted):
        _refuse_to_send_elsewhere(_stored(row), configuration, f"/{name}")
    bounces.write_password(row, wanted.bounces, vault)
    row.configuration = configuration
    if not _needs_secret(wanted):
        row.password_encrypted = row.password_changed_at = None
    elif secret is not None:
        row.password_encrypted = vault.encrypt(secret.get_secret_value(), owner=_OWNER)
        row.password_changed_at = utc_now()
    elif row.password_encrypted is None:
        raise invalid_field(f"/{name}", "required", "This field is required.")
    return _shown(row)


def _needs_secret(wanted: EmailSettingsWrite) -> bool:
    return not isinstance(wanted, SmtpMailWrite) or wanted.authentication is not None


async def email_actions(session: AsyncSession) -> EmailActionSettings:
    """Return the deadlines and folders, defaults where none were set."""
    row = await session.get(EmailActions, ONLY)
    return actions_of(row.configuration if row else None)


STORED_ACTIONS = select(EmailActions.configuration).where(EmailActions.id == ONLY).scalar_subquery()
"""What :func:`actions_of` reads, for a statement that reads more."""


def actions_of(stored: dict[str, Any] | None) -> EmailActionSettings:
    """Return the deadlines and folders as they are stored, defaults where none were set."""
    return EmailActionSettings.model_validate(stored or {})


async def offline_after(session: AsyncSession) -> timedelta:
    """Return how long an Actor may leave what waits for it untaken."""
    return timedelta(seconds=(await email_actions(session)).offline_seconds)


async def write_email_actions(session: AsyncSession, wanted: EmailActionSettings) -> EmailActionSettings:
    """Replace the deadlines and folders; checks that run keep theirs."""
    await session.merge(EmailActions(id=ONLY, configuration=wanted.model_dump(mode="json")))
    return wanted


def _stored(row: EmailSettings) -> dict[str, Any]:
    """Return the configuration; a row that names no transport means SMTP."""
    return {"transport": Transport.SMTP.value, **row.configuration}


def _shown(row: EmailSettings) -> EmailSettingsRead:
    stored = _stored(row)
    secret = SecretState(set=row.password_encrypted is not None, changed_at=row.password_changed_at)
    shown = {**stored, _SECRETS[stored["transport"]]: secret, "bounces": bounces.shown(row)}
    return _READ.validate_python(shown)


def _refuse_to_send_elsewhere(old: dict[str, Any], new: dict[str, Any], pointer: str) -> None:
    changed = _changed(old, new)
    if changed:
        detail = f"Send it again: {', '.join(changed)} would change where it goes."
        raise invalid_field(pointer, "secret_required", detail)


def _changed(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    transport = Transport(new["transport"])
    if old["transport"] != transport:
        return ["transport"]
    changed = [field for field in _SENDS_ELSEWHERE[transport] if old[field] != new[field]]
    if transport is Transport.SMTP:
        if old["encryption"] != Encryption.NONE and new["encryption"] == Encryption.NONE:
            changed.append("encryption")
        if old["authentication"] != new["authentication"]:
            changed.append("authentication")
    return changed
