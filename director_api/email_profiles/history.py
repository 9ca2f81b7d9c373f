"""What the audit log says of a profile: every field, and of a secret only that it was given."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from director_api.access.callers import Caller
from director_api.audit.log import differences, record, secrets_given
from director_api.email_profiles import service
from director_api.email_profiles.merge_patch import document
from director_api.email_profiles.models import EmailProfile
from director_api.email_profiles.schemas import ProfileWrite


async def audited(session: AsyncSession, row: EmailProfile) -> dict[str, Any]:
    """Return a profile's fields as the audit log compares them."""
    return document(row, await service.actor_ids_of(session, row.id))


async def record_profile(
    session: AsyncSession,
    caller: Caller,
    action: str,
    row: EmailProfile,
    wanted: ProfileWrite,
    *,
    before: Mapping[str, Any] | None = None,
) -> None:
    """Record what making or changing a profile changed."""
    changes = differences(before or {}, await audited(session, row))
    record(session, caller, action, row.id, changes | secrets_given(wanted))
