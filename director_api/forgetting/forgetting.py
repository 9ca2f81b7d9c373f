"""Removing what is old, a bounded number of rows in each transaction, by every Director alike.

Ids are made in the order of time (RFC 9562, UUID version 7), so what is older than a moment is found by
the primary key and needs no index of its own. Two Directors that remove the same rows do no harm.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, select
from sqlalchemy.orm import aliased

from director_api.actors.models import EnrollmentToken
from director_api.among import among
from director_api.audit.models import AuditEntry
from director_api.clock import Clock, utc_now
from director_api.database import Database
from director_api.google_consent.models import ConsentRequest
from director_api.jobs.models import JobRun
from director_api.loops import whole
from director_api.verifications.models import FailedLogin, Verification

log = logging.getLogger(__name__)
AT_ONCE = 500
_EVERY_SECONDS = 3600.0
_PAUSE_SECONDS = 0.05
"""Between two transactions, in which others have the database."""
_SPENT = timedelta(days=1)
_LOGINS = timedelta(hours=1)
_BEGIN = UUID(int=0)
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long; null: for ever."""

    runs: timedelta | None = timedelta(days=90)
    audit: timedelta | None = None


@dataclass(frozen=True, slots=True)
class _Old:
    """Rows of a table with ids in the order of time, and which of those before a moment may go."""

    table: type[Verification] | type[JobRun] | type[AuditEntry]
    may_go: ColumnElement[bool] | None = None


def _last_of_its_profile() -> ColumnElement[bool]:
    newer = aliased(Verification)
    return ~exists().where(newer.profile_id == Verification.profile_id, newer.id > Verification.id)


_RUNS = (
    _Old(Verification, and_(Verification.state != "running", ~_last_of_its_profile())),
    _Old(JobRun, JobRun.state != "running"),
)
_AUDIT = _Old(AuditEntry)


class Forgetting:
    """Goes round once an hour. The last verification of each profile stays, however old."""

    def __init__(
        self, database: Database, kept: Kept, clock: Clock = utc_now, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._database = database
        self._kept = kept
        self._clock = clock
        self._sleep = sleep

    async def run(self) -> None:
        """Go round until cancelled; Directors that start together do not go together."""
        while True:
            await self._sleep(_EVERY_SECONDS * random.uniform(0.5, 1.0))  # noqa: S311  # because jitter is no secret
            await self.round()

    async def round(self) -> int:
        """Remove all that is old. Returns how many verifications, runs of jobs and audit entries went."""
        removed = 0
        for kept, tables in ((self._kept.runs, _RUNS), (self._kept.audit, (_AUDIT,))):
            if kept is not None:
                for old in tables:
                    removed += await self._remove(old, self._clock() - kept)
        await whole(self._remove_spent())
        if removed:
            log.info("removed %d old verifications, connectivity checks and audit entries", removed)
        return removed

    async def _remove(self, old: _Old, before: datetime) -> int:
        removed, after = 0, _BEGIN
        while ids := await whole(self._remove_some(old, after, before)):
            removed, after = removed + len(ids), ids[-1]
            await self._sleep(_PAUSE_SECONDS)
        return removed

    async def _remove_some(self, old: _Old, after: UUID, before: datetime) -> list[UUID]:
        key = old.table.id
        query = select(key).where(key > after, key < first_id_of(before)).order_by(key).limit(AT_ONCE)
        if old.may_go is not None:
            query = query.where(old.may_go)
        async with self._database.write() as session:
            ids = list(await session.scalars(query))
            if ids:
                await session.execute(delete(old.table).where(among(key, ids)))
        return ids

    async def _remove_spent(self) -> None:
        """Remove what can't be used any more: tokens, consents that nobody gave, failed logins of before."""
        now = self._clock()
        async with self._database.write() as session:
            await session.execute(delete(EnrollmentToken).where(EnrollmentToken.expires_at < now - _SPENT))
            await session.execute(delete(ConsentRequest).where(ConsentRequest.expires_at < now - _SPENT))
            await session.execute(delete(FailedLogin).where(FailedLogin.at < now - _LOGINS))


def first_id_of(moment: datetime) -> UUID:
    """Return the lowest id that can be made at ``moment``: 48 bits of milliseconds (RFC 9562, section 5.7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
