"""The slow loop: writes who was heard of and tells who came or went, drops revoked credentials, refreshes the board of work."""

import logging

from director_api.access.callers import Callers
from director_api.actor_protocol.board import WorkBoard
from director_api.actor_protocol.roster import Roster
from director_api.actor_protocol.work import work_at
from director_api.actors.presence import FLUSH_SECONDS, Presence
from director_api.database import Database
from director_api.idempotency.keys import Keys
from director_api.loops import pause, whole

log = logging.getLogger(__name__)


class Housekeeping:
    """A handful of statements every 15 s, however many Actors there are."""

    def __init__(
        self,
        database: Database,
        presence: Presence,
        callers: Callers,
        roster: Roster,
        board: WorkBoard,
        idempotency: Keys,
    ) -> None:
        self._database = database
        self._presence = presence
        self._callers = callers
        self._roster = roster
        self._board = board
        self._idempotency = idempotency

    async def run(self) -> None:
        """Go round until cancelled."""
        while True:
            await whole(self.round())
            await pause(FLUSH_SECONDS)

    async def round(self) -> None:
        """Do each task once."""
        await self._presence.flush(self._database, self._callers.used)
        await self._presence.tell_changes(self._database)
        await self._roster.sweep()
        await self._idempotency.forget_old()
        async with self._database.read() as session:
            self._board.refresh(await work_at(session))
