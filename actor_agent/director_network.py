"""The network below the HTTP library, whose own asks for names in the loop's shared threads.

The end of the process waits for those without bound: beside a silent name server an Actor would outlive its
signal by up to half a minute.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any

import httpcore

from mail_transport.name_lookup import look_up

_NEXT_SECONDS = 0.25
"""How long an address is waited for before the next is tried beside it (RFC 8305 section 8)."""

Stream = httpcore.AsyncNetworkStream
Dial = Callable[[], Coroutine[Any, Any, Stream]]


class DirectorNetwork(httpcore.AsyncNetworkBackend):
    """Connects to the Director, or to the proxy on the way to it."""

    def __init__(self) -> None:
        self._dialling = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> Stream:
        """Connect to the first of the host's addresses that answers, all of it within ``timeout``.

        Raises:
            httpcore.ConnectError: there is no such name, or every address refuses.
            httpcore.ConnectTimeout: nobody answered in time.
        """
        silent = "the name server"
        try:
            async with asyncio.timeout(timeout):
                addresses = await _addresses(host)
                silent = host
                dial = partial(
                    self._dialling.connect_tcp,
                    port=port,
                    local_address=local_address,
                    socket_options=socket_options,
                )
                return await _first_that_answers(partial(dial, address) for address in addresses)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"{silent} did not answer") from None

    async def sleep(self, seconds: float) -> None:
        """Called by the library ahead of a retry, of which there is none."""
        await asyncio.sleep(seconds)


async def _addresses(host: str) -> tuple[str, ...]:
    try:
        return await look_up(host)
    except (socket.gaierror, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host}: {error}") from error


async def _first_that_answers(dials: Iterable[Dial]) -> Stream:
    """Return the first connection that stands; the next is begun when one fails or takes long."""
    left, under_way = deque(dials), set[asyncio.Task[Stream]]()
    failure: BaseException = httpcore.ConnectError("the name has no address")
    try:
        while left or under_way:
            if left:
                under_way.add(asyncio.create_task(left.popleft()()))
            done, under_way = await asyncio.wait(
                under_way, timeout=_NEXT_SECONDS if left else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                failed = task.exception()
                if failed is None:
                    under_way |= done - {task}
                    return task.result()
                failure = failed
        raise failure
    finally:
        await _let_go(under_way)


async def _let_go(dials: set[asyncio.Task[Stream]]) -> None:
    for dial in dials:
        dial.cancel()
    for outcome in await asyncio.gather(*dials, return_exceptions=True):
        if isinstance(outcome, Stream):
            await outcome.aclose()
