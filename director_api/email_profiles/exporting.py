"""All profiles that fit a filter, as an import takes them: in pieces, so that their number costs no memory."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.among import among
from director_api.database import Database
from director_api.email_profiles.csv_rows import write_header, write_rows
from director_api.email_profiles.filters import ProfileFilters
from director_api.email_profiles.merge_patch import document
from director_api.email_profiles.models import EmailProfile, ProfileActor

_AT_ONCE = 500


async def as_json(database: Database, filters: ProfileFilters) -> AsyncIterator[str]:
    """Write a JSON list, profile by profile."""
    before = "["
    async for documents in _pieces(database, filters):
        yield before + ",\n".join(map(json.dumps, documents))
        before = ",\n"
    yield "[]\n" if before == "[" else "]\n"


async def as_csv(database: Database, filters: ProfileFilters) -> AsyncIterator[str]:
    """Write a table with every column, secrets empty."""
    yield write_header()
    async for documents in _pieces(database, filters):
        yield write_rows(documents)


async def _pieces(database: Database, filters: ProfileFilters) -> AsyncIterator[list[dict[str, Any]]]:
    """Read in the order in which they were made. No connection is held while a piece is on its way."""
    last = UUID(int=0)
    while True:
        async with database.read() as session:
            query = filters.query().where(EmailProfile.id > last).order_by(EmailProfile.id).limit(_AT_ONCE)
            rows = (await session.scalars(query)).all()
            chosen = await _chosen(session, [row.id for row in rows])
        if not rows:
            return
        yield [document(row, chosen[row.id]) for row in rows]
        last = rows[-1].id


async def _chosen(session: AsyncSession, profile_ids: list[UUID]) -> Mapping[UUID, list[UUID]]:
    chosen: defaultdict[UUID, list[UUID]] = defaultdict(list)
    found = await session.execute(
        select(ProfileActor.profile_id, ProfileActor.actor_id)
        .where(among(ProfileActor.profile_id, profile_ids))
        .order_by(ProfileActor.position)
    )
    for profile_id, actor_id in found:
        chosen[profile_id].append(actor_id)
    return chosen
