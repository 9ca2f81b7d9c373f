"""Waiting out what passes: throttling, a service that is away, a connection that broke."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from actor_agent.mail.search_window import SearchWindow
from mail_transport.failures import LookAgain, MailFailure
from mail_transport.waiting import wait_asked_by
from wire_contract.failure_codes import FailureCode

T = TypeVar("T")
FIRST_WAIT = 1.0
LONGEST_HOLD = 20.0
"""Whoever must wait longer hands the check back until then."""
MOST_TROUBLES = 6
_PASSING = {
    FailureCode.GRAPH_THROTTLED,
    FailureCode.GRAPH_UNAVAILABLE,
    FailureCode.GMAIL_THROTTLED,
    FailureCode.GMAIL_UNAVAILABLE,
    FailureCode.CONNECTION_CLOSED,
    FailureCode.PROTOCOL_VIOLATION,
    FailureCode.REPLY_TIMED_OUT,
    FailureCode.TCP_TIMED_OUT,
}
_PASSING_ONCE_REACHED = _PASSING | {
    FailureCode.DNS_FAILED,
    FailureCode.TCP_REFUSED,
    FailureCode.TCP_UNREACHABLE,
}
"""Of a service that answered a moment ago. From one that never did, they tell of a wrong name or a firewall,
which someone has to mend."""


@dataclass(slots=True)
class Patience:
    """How a look bears with the service, as long as its window is open; ``reached``: it has answered before."""

    window: SearchWindow
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    troubles: int = 0
    reached: bool = False

    async def bear(self, failure: MailFailure) -> None:
        """Wait until it is worth asking again, as the service said or for longer each time.

        Raises:
            MailFailure: ``failure``, when it won't pass or not in time.
            LookAgain: when the wait is too long to hold anything.
        """
        self.troubles += 1
        wait = wait_asked_by(failure) or FIRST_WAIT * 2 ** (self.troubles - 1)
        left = self.window.seconds_left
        passing = _PASSING_ONCE_REACHED if self.reached else _PASSING
        if failure.code not in passing or self.troubles > MOST_TROUBLES:
            raise failure
        if left is not None and wait > left:
            raise failure
        if wait > LONGEST_HOLD:
            raise LookAgain(wait)
        await self.sleep(wait)

    def relieved(self) -> None:
        """The service answered."""
        self.troubles = 0


async def persist(attempt: Callable[[], Awaitable[T]], patience: Patience | None) -> T:
    """Try until it works or can't; without ``patience`` once. Raises as :meth:`Patience.bear`."""
    while True:
        try:
            return await attempt()
        except MailFailure as failure:
            if patience is None:
                raise
            await patience.bear(failure)
