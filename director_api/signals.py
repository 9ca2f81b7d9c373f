"""What a Director is told of changes, its own and other Directors', and who of its parts must know.

A signal is a short text, told after the commit of the change that it is about. It says "look", never
what there is: one that is lost costs time until the next slow poll, and one too many costs a look.
"""

from datetime import datetime
from uuid import UUID

from director_api.access.callers import Callers
from director_api.actor_protocol.board import WorkBoard
from director_api.actor_protocol.roster import Roster
from director_api.wakeups import CALLERS, CREDENTIAL, WORK, Wakeups


class Signals:
    """Hands each signal to the parts of this process that it concerns."""

    def __init__(self, wakeups: Wakeups, board: WorkBoard, callers: Callers, roster: Roster) -> None:
        self._wakeups = wakeups
        self._board = board
        self._callers = callers
        self._roster = roster

    def receive(self, text: str) -> None:
        """Act on a signal. One of a kind that this version does not know wakes nobody."""
        kind, _, rest = text.partition(" ")
        if kind == WORK:
            actor_id, _, at = rest.partition(" ")
            self._board.announce(UUID(actor_id), datetime.fromisoformat(at))
        elif kind == CREDENTIAL:
            self._roster.drop(UUID(rest))
        elif kind == CALLERS:
            self._callers.forget()
        self._wakeups.tell(text)
