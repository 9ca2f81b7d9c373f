"""The mailbox that undeliverable mail comes back to, as a part of the Director's mail settings."""

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import utc_now
from director_api.fields import Encryption, SecretState
from director_api.mail_settings.models import ONLY, EmailSettings
from director_api.mail_settings.schemas import BouncesWrite
from director_api.problems import invalid_field
from director_api.vault import Vault
from wire_contract.jobs import Authentication, MailServer, PasswordCredentials, TlsPolicy

_OWNER = "email_settings:bounces_password"
_SENDS_ELSEWHERE = ("host", "port", "username", "tls")


@dataclass(frozen=True, slots=True)
class BounceMailbox:
    """Where undeliverable mail is read, with what opens it."""

    server: MailServer
    tls: TlsPolicy
    credentials: PasswordCredentials


async def bounce_mailbox(session: AsyncSession, vault: Vault) -> BounceMailbox | None:
    """Return the mailbox to read, or null where none is set."""
    row = await session.get(EmailSettings, ONLY)
    configured = row.configuration.get("bounces") if row else None
    if row is None or configured is None or row.bounces_password_encrypted is None:
        return None
    password = SecretStr(vault.decrypt(row.bounces_password_encrypted, owner=_OWNER))
    return BounceMailbox(
        MailServer(
            host=configured["host"],
            port=configured["port"],
            encryption=configured["encryption"],
            authentication=Authentication.PLAIN,
        ),
        TlsPolicy.model_validate(configured["tls"]),
        PasswordCredentials(username=configured["username"], password=password),
    )


def write_password(row: EmailSettings, wanted: BouncesWrite | None, vault: Vault) -> None:
    """Keep, replace or drop the mailbox's password, while ``row`` has the configuration so far.

    Raises:
        Problem: the password is needed (again).
    """
    if wanted is None:
        row.bounces_password_encrypted = row.bounces_password_changed_at = None
    elif wanted.password is not None:
        row.bounces_password_encrypted = vault.encrypt(wanted.password.get_secret_value(), owner=_OWNER)
        row.bounces_password_changed_at = utc_now()
    elif row.bounces_password_encrypted is None:
        raise invalid_field("/bounces/password", "required", "The mailbox is read by its password.")
    else:
        _refuse_to_send_elsewhere(
            row.configuration["bounces"], wanted.model_dump(mode="json", exclude={"password"})
        )


def shown(row: EmailSettings) -> dict[str, Any] | None:
    """Return the mailbox as the API shows it."""
    configured = row.configuration.get("bounces")
    if configured is None:
        return None
    password = SecretState(set=True, changed_at=row.bounces_password_changed_at)
    return {**configured, "password": password}


def _refuse_to_send_elsewhere(old: dict[str, Any], new: dict[str, Any]) -> None:
    changed = [field for field in _SENDS_ELSEWHERE if old[field] != new[field]]
    if old["encryption"] != Encryption.NONE and new["encryption"] == Encryption.NONE:
        changed.append("encryption")
    if changed:
        raise invalid_field(
            "/bounces/password",
            "secret_required",
            f"Send the password again: {', '.join(changed)} would change where it goes.",
        )
