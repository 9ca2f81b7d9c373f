"""Reading and changing the Director's mail settings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import utc_now
from director_api.fields import Encryption, SecretState
from director_api.mail_settings.models import ONLY, EmailActions, EmailSettings
from director_api.mail_settings.schemas import EmailActionSettings, EmailSettingsRead, EmailSettingsWrite
from director_api.problems import Problem, invalid_field
from director_api.vault import Vault

_OWNER = "email_settings:password"
_SENDS_ELSEWHERE = ("host", "port", "username", "tls")


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """The Director's mail server with its password, for the sender alone."""

    settings: EmailSettingsRead
    password: SecretStr | None


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
    """Return what the audit log may hold of the settings: all but the password."""
    row = await session.get(EmailSettings, ONLY)
    return dict(row.configuration) if row else {}


async def is_configured(session: AsyncSession) -> bool:
    """Tell whether the Director has a mail server of its own."""
    return await session.get(EmailSettings, ONLY) is not None


async def outgoing_mail(session: AsyncSession, vault: Vault) -> OutgoingMail | None:
    """Return what the sender needs, or null where there are no settings."""
    row = await session.get(EmailSettings, ONLY)
    if row is None:
        return None
    password = row.password_encrypted and SecretStr(vault.decrypt(row.password_encrypted, owner=_OWNER))
    return OutgoingMail(_shown(row), password or None)


async def write_email_settings(
    session: AsyncSession, vault: Vault, wanted: EmailSettingsWrite
) -> EmailSettingsRead:
    """Replace the settings; a password that is left out is kept unless it would go elsewhere.

    Raises:
        Problem: the password is needed (again).
    """
    row = await session.get(EmailSettings, ONLY)
    configuration = wanted.model_dump(mode="json", exclude={"password"})
    if row is None:
        row = EmailSettings(id=ONLY, configuration=configuration)
        session.add(row)
    elif wanted.password is None and row.password_encrypted is not None:
        _refuse_to_send_elsewhere(row.configuration, configuration)
    row.configuration = configuration
    if wanted.authentication is None:
        row.password_encrypted = row.password_changed_at = None
    elif wanted.password is not None:
        row.password_encrypted = vault.encrypt(wanted.password.get_secret_value(), owner=_OWNER)
        row.password_changed_at = utc_now()
    elif row.password_encrypted is None:
        raise invalid_field("/password", "required", "A password is required with authentication.")
    return _shown(row)


async def email_actions(session: AsyncSession) -> EmailActionSettings:
    """Return the deadlines and folders, defaults where none were set."""
    row = await session.get(EmailActions, ONLY)
    return (
        EmailActionSettings.model_validate(row.configuration)
        if row
        else EmailActionSettings.model_validate({})
    )


async def offline_after(session: AsyncSession) -> timedelta:
    """Return how long an Actor may leave what waits for it untaken."""
    return timedelta(seconds=(await email_actions(session)).offline_seconds)


async def write_email_actions(session: AsyncSession, wanted: EmailActionSettings) -> EmailActionSettings:
    """Replace the deadlines and folders; checks that run keep theirs."""
    await session.merge(EmailActions(id=ONLY, configuration=wanted.model_dump(mode="json")))
    return wanted


def _shown(row: EmailSettings) -> EmailSettingsRead:
    password = SecretState(set=row.password_encrypted is not None, changed_at=row.password_changed_at)
    return EmailSettingsRead.model_validate({**row.configuration, "password": password})


def _refuse_to_send_elsewhere(old: dict[str, Any], new: dict[str, Any]) -> None:
    changed = [field for field in _SENDS_ELSEWHERE if old[field] != new[field]]
    if old["encryption"] != Encryption.NONE and new["encryption"] == Encryption.NONE:
        changed.append("encryption")
    if new["authentication"] not in (None, old["authentication"]):
        changed.append("authentication")
    if changed:
        raise invalid_field(
            "/password",
            "secret_required",
            f"Send the password again: {', '.join(changed)} would change where it goes.",
        )
