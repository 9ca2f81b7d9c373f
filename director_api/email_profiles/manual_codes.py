"""The code of a profile in manual mode: one for the profile, kept until it changes or is rotated."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import utc_now
from director_api.email_profiles.models import ManualCode
from director_api.vault import Vault
from wire_contract.verification_code import locator_of, new_code

_KEPT_LOCATORS = 8


@dataclass(frozen=True, slots=True, repr=False)
class CurrentCode:
    """A code and when it was made."""

    code: str
    made_at: datetime
    earlier_locators: tuple[str, ...]


def _owner(profile_id: UUID) -> str:
    return f"manual_code:{profile_id}"


async def current_code(session: AsyncSession, vault: Vault, profile_id: UUID) -> CurrentCode | None:
    """Return the profile's code, or null where it has none."""
    row = await session.get(ManualCode, profile_id)
    return None if row is None else opened(vault, row)


def opened(vault: Vault, row: ManualCode) -> CurrentCode:
    """Return a code as it is stored in clear."""
    clear = vault.decrypt(row.encrypted, owner=_owner(row.profile_id))
    return CurrentCode(clear, row.created_at, tuple(row.earlier_locators))


def first_code(vault: Vault, profile_id: UUID) -> ManualCode:
    """Return the code of a profile that is being made, to be added."""
    encrypted = vault.encrypt(new_code(), owner=_owner(profile_id))
    return ManualCode(profile_id=profile_id, encrypted=encrypted, earlier_locators=[], created_at=utc_now())


async def rotate_code(session: AsyncSession, vault: Vault, profile_id: UUID) -> CurrentCode:
    """Make a new code; remember the old one's locator, to recognise a message that comes too late."""
    row = await session.get(ManualCode, profile_id, with_for_update=True)
    code = new_code()
    encrypted = vault.encrypt(code, owner=_owner(profile_id))
    if row is None:
        row = ManualCode(
            profile_id=profile_id, encrypted=encrypted, earlier_locators=[], created_at=utc_now()
        )
        session.add(row)
    else:
        old = locator_of(vault.decrypt(row.encrypted, owner=_owner(profile_id)))
        row.earlier_locators = [old, *row.earlier_locators][:_KEPT_LOCATORS]
        row.encrypted, row.created_at = encrypted, utc_now()
    return CurrentCode(code, row.created_at, tuple(row.earlier_locators))


async def drop_code(session: AsyncSession, profile_id: UUID) -> None:
    """Forget the code: the profile left manual mode."""
    row = await session.get(ManualCode, profile_id)
    if row is not None:
        await session.delete(row)
