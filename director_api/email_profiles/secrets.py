"""A profile's secrets: kept apart, encrypted, and never sent to a new place without being given again."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import utc_now
from director_api.email_profiles.models import ProfileSecret
from director_api.email_profiles.schemas import ProfileWrite
from director_api.field_errors import FieldError
from director_api.fields import Encryption, SecretState
from director_api.problems import invalid_fields
from director_api.vault import Vault
from wire_contract.jobs import Authentication

PASSWORD = "account.password"  # noqa: S105  # the name of a field
_DESTINATION = (
    "account.username",
    "mailbox",
    "tls",
    "incoming.host",
    "incoming.port",
    "outgoing.host",
    "outgoing.port",
)
_CONFIGURATION: dict[str, Any] = {
    "account": {"username"},
    "incoming": True,
    "outgoing": True,
    "tls": True,
    "mailbox": True,
    "delete_verification_message": True,
}
_STRENGTH = {None: 0, "none": 0, "starttls": 1, "ssl_tls": 1}
_WEAKER_LOGINS = {(Authentication.NTLM, Authentication.PLAIN)}


def secret_owner(profile_id: UUID, path: str) -> str:
    """Name the place of a secret, to which its encryption is bound."""
    return f"email_profile:{profile_id}:{path}"


def without_secrets(wanted: ProfileWrite) -> dict[str, Any]:
    """Return what depends on the server type, without secrets, as it is stored."""
    return wanted.model_dump(mode="json", include=_CONFIGURATION)


async def secret_states(session: AsyncSession, profile_ids: list[UUID]) -> dict[UUID, dict[str, SecretState]]:
    """Return which secrets are set, for many profiles in one statement."""
    states: dict[UUID, dict[str, SecretState]] = {profile_id: {} for profile_id in profile_ids}
    rows = await session.execute(
        select(ProfileSecret.profile_id, ProfileSecret.path, ProfileSecret.changed_at).where(
            ProfileSecret.profile_id.in_(profile_ids)
        )
    )
    for profile_id, path, changed_at in rows:
        states[profile_id][path] = SecretState(set=True, changed_at=changed_at)
    return states


async def reveal(session: AsyncSession, vault: Vault, profile_id: UUID) -> dict[str, str]:
    """Return the profile's secrets in clear, to be sealed to an Actor at once."""
    rows = await session.scalars(select(ProfileSecret).where(ProfileSecret.profile_id == profile_id))
    return {row.path: vault.decrypt(row.encrypted, owner=secret_owner(profile_id, row.path)) for row in rows}


async def store(session: AsyncSession, vault: Vault, profile_id: UUID, wanted: ProfileWrite) -> bool:
    """Store the secrets that ``wanted`` gives. Returns whether there was one."""
    if wanted.account.password is None:
        return False
    encrypted = vault.encrypt(
        wanted.account.password.get_secret_value(), owner=secret_owner(profile_id, PASSWORD)
    )
    await session.execute(
        delete(ProfileSecret).where(ProfileSecret.profile_id == profile_id, ProfileSecret.path == PASSWORD)
    )
    session.add(
        ProfileSecret(profile_id=profile_id, path=PASSWORD, encrypted=encrypted, changed_at=utc_now())
    )
    return True


def given(wanted: ProfileWrite) -> dict[str, str]:
    """Return the secrets that ``wanted`` gives, in clear, by their field."""
    password = wanted.account.password
    return {} if password is None else {PASSWORD: password.get_secret_value()}


def refuse_missing(wanted: ProfileWrite, *, at: str = "") -> None:
    """A new profile needs its secrets. ``at``: where the profile stands in the request.

    Raises:
        Problem: the password was left out.
    """
    if wanted.account.password is None:
        raise invalid_fields(
            (FieldError(pointer=f"{at}/account/password", code="required", detail="This field is required."),)
        )


def refuse_to_send_elsewhere(old: dict[str, Any], wanted: ProfileWrite) -> None:
    """A stored secret goes where it went, and nowhere else.

    Raises:
        Problem: the change needs the password again (``secret_required``).
    """
    if wanted.account.password is not None:
        return
    reasons = list(_elsewhere(old, without_secrets(wanted)))
    if reasons:
        detail = (
            f"Send the password again: changing {', '.join(reasons)} would send it elsewhere or less safely."
        )
        raise invalid_fields(
            (FieldError(pointer="/account/password", code="secret_required", detail=detail),)
        )


def _elsewhere(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for path in _DESTINATION:
        if _at(old, path) != _at(new, path) and not _dropped(new, path):
            yield path
    for server in ("incoming", "outgoing"):
        if _dropped(new, server):
            continue
        path = f"{server}.encryption"
        if _at(old, server) and _STRENGTH[_at(new, path)] < _STRENGTH[Encryption(_at(old, path))]:
            yield path
        before, after = _at(old, f"{server}.authentication"), _at(new, f"{server}.authentication")
        if after is not None and (before is None or (before, after) in _WEAKER_LOGINS):
            yield f"{server}.authentication"


def _at(document: Any, path: str) -> Any:
    for part in path.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document


def _dropped(new: dict[str, Any], path: str) -> bool:
    """A server that is gone, or that gets no login, is sent no secret."""
    return path.startswith("outgoing") and _at(new, "outgoing.authentication") is None
