"""Asking through a client of the event loop from a thread, for libraries that know of none."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import TypeVar

from mail_transport.failures import MailFailure
from mail_transport.web.client import Answer, WebClient
from wire_contract.failure_codes import FailureCode

T = TypeVar("T")


@dataclass(slots=True)
class Line:
    """Whose client is asked, until somebody hangs up."""

    client: WebClient
    loop: asyncio.AbstractEventLoop
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _asked: "list[Future[Answer]]" = field(default_factory=list, repr=False)
    _is_over: bool = False

    def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Answer:
        """Ask, in a thread, and wait. Raises MailFailure; ``CancelledError`` when somebody hangs up."""
        with self._lock:
            if self._is_over:
                raise MailFailure(FailureCode.CONNECTION_CLOSED)
            asked = asyncio.run_coroutine_threadsafe(
                self.client.ask(method, url, headers, content), self.loop
            )
            self._asked.append(asked)
        return asked.result()

    def hang_up(self) -> None:
        """End what is asked, since nobody waits for it any more, and what the library would ask next."""
        with self._lock:
            self._is_over = True
            for asked in self._asked:
                asked.cancel()


async def with_line(threads: Executor | None, client: WebClient, work: Callable[[Line], T]) -> T:
    """Return what ``work`` makes of ``client`` in one of ``threads``; null: the loop's own.

    A library may ask several times, each within the client's bounds: the caller bounds the time of all
    of it, and cancelling ends what is asked.

    Raises:
        MailFailure: what ``work`` raises.
    """
    loop = asyncio.get_running_loop()
    line = Line(client, loop)
    try:
        return await loop.run_in_executor(threads, work, line)
    finally:
        line.hang_up()
