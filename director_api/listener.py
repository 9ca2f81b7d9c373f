"""Hearing what other Directors tell, by PostgreSQL's LISTEN on one connection of its own."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.engine import make_url

from director_api.database import CHANNEL
from director_api.loops import pause, rest
from director_api.wakeups import Waiter

log = logging.getLogger(__name__)
_CONNECT_SECONDS = 10.0
_ALIVE_SECONDS = 15.0
"""How often the connection is tried, since a half-open one is silent for ever."""
_FIRST_RETRY_SECONDS = 0.2
_LONGEST_RETRY_SECONDS = 5.0
_OURS = ("prepared_statement_cache_size", "prepared_statement_name_func", "async_fallback")
"""Arguments that are SQLAlchemy's own; the driver does not know them."""


class Listener:
    """Keeps listening. After every gap ``refresh`` looks at everything, since what was told is lost."""

    def __init__(
        self, url: str, origin: str, receive: Callable[[str], None], refresh: Callable[[], Awaitable[None]]
    ) -> None:
        self._url = make_url(url)
        self._origin = origin
        self._receive = receive
        self._refresh = refresh
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled, and again whenever the connection breaks."""
        retry = _FIRST_RETRY_SECONDS
        while True:
            try:
                await self._listen()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("the listener lost the database and tries again: %s", type(error).__name__)
            if self.listening.is_set():
                retry = _FIRST_RETRY_SECONDS
            self.listening.clear()
            await pause(retry * random.uniform(0.5, 1.0))  # noqa: S311  # because jitter is no secret
            retry = min(retry * 2, _LONGEST_RETRY_SECONDS)

    async def _listen(self) -> None:
        _, arguments = asyncpg_dialect().create_connect_args(self._url)  # type: ignore[no-untyped-call]  # because SQLAlchemy has no types here
        for name in _OURS:
            arguments.pop(name, None)
        connection = await asyncpg.connect(
            **arguments, timeout=_CONNECT_SECONDS, command_timeout=_CONNECT_SECONDS
        )
        broken = Waiter()
        connection.add_termination_listener(lambda _: broken.wake())
        try:
            await connection.add_listener(CHANNEL, self._heard)
            await self._refresh()
            self.listening.set()
            while not await rest(broken.wait(_ALIVE_SECONDS)):
                await connection.execute("SELECT 1")
        finally:
            connection.terminate()

    def _heard(self, _connection: Any, _process: int, _channel: str, payload: object) -> None:
        origin, *signals = str(payload).split("\n")
        if origin == self._origin:
            return
        for text in signals:
            try:
                self._receive(text)
            except ValueError:
                log.warning("a signal of another Director is not understood; its version differs")
