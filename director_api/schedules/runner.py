"""Starts the verifications that schedules ask for, and tells of secrets that expire.

A profile that is due is locked by whoever takes it (another Director skips it), treated, and given its
next moment in the same transaction: nothing is done twice, and what a Director that dies was doing is
due again.
"""

import logging
import math
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from director_api.database import Database
from director_api.email_profiles.models import EmailProfile
from director_api.email_profiles.schedule import catch_up, next_run
from director_api.email_profiles.secret_expiry import expiry_warning, next_notice
from director_api.email_profiles.standing import standings_of
from director_api.events.log import EventType, emit
from director_api.loops import whole
from director_api.problems import Problem
from director_api.vault import Vault
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.logins import REFUSED
from director_api.verifications.service import start
from director_api.wakeups import Wakeups

log = logging.getLogger(__name__)
LOOK_SECONDS = 15.0


class Schedules:
    """Looks every 15 s at what is due; an hour is the shortest schedule."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        lifecycle: Lifecycle,
        wakeups: Wakeups,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._database = database
        self._vault = vault
        self._lifecycle = lifecycle
        self._wakeups = wakeups
        self._sleep = sleep

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.round()
            await self._sleep(LOOK_SECONDS)

    async def round(self) -> None:
        """Treat all that is due."""
        while await whole(self._one(EmailProfile.next_verification_at, self._verify)):
            pass
        while await whole(self._one(EmailProfile.secret_notice_at, self._tell_expiry)):
            pass

    async def _one(
        self,
        due_at: InstrumentedAttribute[datetime | None],
        treat: Callable[[AsyncSession, EmailProfile, datetime], Awaitable[None]],
    ) -> bool:
        now = self._lifecycle.now()
        if not await self._any_due(due_at, now):  # which asks no writer's lock
            return False
        async with self._database.write() as session:
            row: EmailProfile | None = await session.scalar(
                select(EmailProfile)
                .where(due_at <= now)
                .order_by(due_at)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return False
            await treat(session, row, now)
        return True

    async def _any_due(self, due_at: InstrumentedAttribute[Any], now: datetime) -> bool:
        async with self._database.read() as session:
            return await session.scalar(select(EmailProfile.id).where(due_at <= now).limit(1)) is not None

    async def _verify(self, session: AsyncSession, row: EmailProfile, now: datetime) -> None:
        later = catch_up(row.id, row.next_verification_at or now, now)
        row.next_verification_at = later or next_run(row.id, row.reverify_every_hours, now)
        if later is not None:
            return
        row.schedule_problem = None
        if await self._was_refused(session, row):
            row.schedule_problem = "login_refused"
            return
        try:
            await start(
                session, self._vault, self._lifecycle, self._wakeups, row, trigger="schedule", actor_ids=None
            )
        except Problem as problem:
            if problem.code != "verification_running":  # for some of the Actors; it is not doubled
                log.warning("the schedule of profile %s could not start: %s", row.id, problem.code)
                row.schedule_problem = problem.code

    async def _was_refused(self, session: AsyncSession, row: EmailProfile) -> bool:
        """Tell whether no Actor got in and a login was refused: tried every hour, it locks an account."""
        standings = (await standings_of(session, row.id)).values()
        got_in = any(standing.status == "verified" for standing in standings)
        return not got_in and any(standing.failure_code in REFUSED for standing in standings)

    async def _tell_expiry(self, session: AsyncSession, row: EmailProfile, now: datetime) -> None:
        row.secret_notice_at = next_notice(row.client_secret_expires_at, now)
        expires_at = row.client_secret_expires_at
        if expires_at is None or expiry_warning(expires_at, now) is None:
            return
        expired = expires_at <= now
        emit(
            session,
            EventType.SECRET_EXPIRED if expired else EventType.SECRET_EXPIRING,
            {
                "profile_id": str(row.id),
                "email_address": row.email_address,
                "field": "graph.client_secret",
                "expires_at": expires_at.isoformat(),
                "days_left": max(0, math.ceil((expires_at - now) / timedelta(days=1))),
            },
        )
