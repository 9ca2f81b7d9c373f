"""What sends the Director's mail is tried on the event loop that the Director is served by."""

from asyncio import AbstractEventLoop
from collections.abc import Callable

import uvloop


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], AbstractEventLoop]]:
    """Its transports are none of asyncio's classes, and differ in what they allow after the end."""
    return {"uvloop": uvloop.new_event_loop}
