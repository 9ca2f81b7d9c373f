"""A profile's secrets as they are stored: kept apart, and encrypted."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import among
from director_api.clock import utc_now
from director_api.email_profiles import secret_rules
from director_api.email_profiles.models import EmailProfile, ProfileSecret
from director_api.email_profiles.schemas import ProfileWrite
from director_api.problems import Problem
from director_api.vault import Vault


def secret_owner(profile_id: UUID, path: str) -> str:
    """Name the place of a secret, to which its encryption is bound."""
    return f"email_profile:{profile_id}:{path}"


async def stored_paths(session: AsyncSession, profile_id: UUID) -> set[str]:
    """Return which secrets a profile has."""
    return set(
        await session.scalars(select(ProfileSecret.path).where(ProfileSecret.profile_id == profile_id))
    )


async def reveal(session: AsyncSession, vault: Vault, profile_id: UUID) -> dict[str, str]:
    """Return the profile's secrets in clear, to be sealed to an Actor at once."""
    return (await reveal_all(session, vault, [profile_id]))[profile_id]


async def reveal_all(
    session: AsyncSession, vault: Vault, profile_ids: Collection[UUID]
) -> dict[UUID, dict[str, str]]:
    """Return the secrets of many profiles in clear, as :func:`reveal` does, in one statement."""
    clear: dict[UUID, dict[str, str]] = {profile_id: {} for profile_id in profile_ids}
    rows = await session.execute(
        select(ProfileSecret.profile_id, ProfileSecret.path, ProfileSecret.encrypted).where(
            among(ProfileSecret.profile_id, clear)
        )
    )
    for profile_id, path, encrypted in rows:
        clear[profile_id][path] = vault.decrypt(encrypted, owner=secret_owner(profile_id, path))
    return clear


async def set_secret(session: AsyncSession, vault: Vault, profile_id: UUID, path: str, value: str) -> None:
    """Store one secret, in place of what was there."""
    await drop_secret(session, profile_id, path)
    session.add(_row(vault, profile_id, path, value))
    await session.flush()


async def drop_secret(session: AsyncSession, profile_id: UUID, path: str) -> None:
    """Forget one secret, where it is set."""
    await session.execute(
        delete(ProfileSecret).where(ProfileSecret.profile_id == profile_id, ProfileSecret.path == path)
    )


async def store(session: AsyncSession, vault: Vault, profile_id: UUID, wanted: ProfileWrite) -> bool:
    """Store the secrets that ``wanted`` gives. Returns whether there was one."""
    there = secret_rules.given(wanted)
    for path, value in there.items():
        await set_secret(session, vault, profile_id, path, value)
    return bool(there)


def new_secrets(vault: Vault, profile_id: UUID, wanted: ProfileWrite) -> list[ProfileSecret]:
    """Return the secrets of a profile that is being made, to be added."""
    return [_row(vault, profile_id, path, value) for path, value in secret_rules.given(wanted).items()]


def _row(vault: Vault, profile_id: UUID, path: str, value: str) -> ProfileSecret:
    encrypted = vault.encrypt(value, owner=secret_owner(profile_id, path))
    return ProfileSecret(profile_id=profile_id, path=path, encrypted=encrypted, changed_at=utc_now())


async def drop_stale(
    session: AsyncSession, profile_id: UUID, old: dict[str, Any], wanted: ProfileWrite
) -> None:
    """Forget secrets that the profile no longer uses, and a consent that was given for something else."""
    configuration = secret_rules.without_secrets(wanted)
    kept = set(secret_rules.required(configuration))
    new = secret_rules.destinations(wanted)
    if secret_rules.needs_consent(configuration) and not any(
        secret_rules.elsewhere(secret_rules.REFRESH_TOKEN, old, new)
    ):
        kept.add(secret_rules.REFRESH_TOKEN)
    await session.execute(
        delete(ProfileSecret).where(ProfileSecret.profile_id == profile_id, ProfileSecret.path.not_in(kept))
    )


async def consented(session: AsyncSession, profile_id: UUID, configuration: dict[str, Any]) -> bool:
    """Tell whether the consent that the mailbox needs is there; one that needs none always has it."""
    return has_consent(
        configuration,
        await stored_paths(session, profile_id) if secret_rules.needs_consent(configuration) else (),
    )


def has_consent(configuration: dict[str, Any], paths: Collection[str]) -> bool:
    """Tell whether the consent that a mailbox needs is among the secrets at ``paths``."""
    return secret_rules.REFRESH_TOKEN in paths or not secret_rules.needs_consent(configuration)


async def refuse_missing_consent(session: AsyncSession, profile: EmailProfile) -> None:
    """A Google mailbox can't be read before its owner consented.

    Raises:
        Problem: nobody consented yet, or the consent was for another app or mailbox.
    """
    if not await consented(session, profile.id, profile.configuration):
        raise Problem(
            409,
            "gmail_consent_missing",
            "The mailbox's owner has not consented at Google yet: "
            f"POST /email-profiles/{profile.id}/authorize, and open the address that it returns.",
        )
