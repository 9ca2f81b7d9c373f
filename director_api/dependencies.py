"""What routes are given: sessions whose transaction ends before the answer leaves, and the services.

All are coroutines: see :func:`on_the_loop`.
"""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.presence import Presence
from director_api.vault import Vault
from director_api.verifications.lifecycle import Lifecycle
from director_api.wakeups import Wakeups

T = TypeVar("T")


def on_the_loop(made: type[T]) -> Callable[..., Awaitable[T]]:
    """Return a dependency that makes ``made`` of a request, whose parameters are those of ``made``.

    A dependency that is no coroutine is called in a thread, which takes longer than most of them do.
    """

    async def make(**values: Any) -> T:
        return made(**values)

    make.__signature__ = inspect.signature(made)  # type: ignore[attr-defined]  # which functions may have
    return make


async def _reading(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.database.read() as session:
        yield session


async def _writing(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.database.write() as session:
        yield session


async def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


async def _wakeups(request: Request) -> Wakeups:
    wakeups: Wakeups = request.app.state.wakeups
    return wakeups


async def _presence(request: Request) -> Presence:
    presence: Presence = request.app.state.presence
    return presence


async def _lifecycle(request: Request) -> Lifecycle:
    lifecycle: Lifecycle = request.app.state.lifecycle
    return lifecycle


# scope="function": committed when the route returns, not after its answer was sent.
Reading = Annotated[AsyncSession, Depends(_reading, scope="function")]
Writing = Annotated[AsyncSession, Depends(_writing, scope="function")]
TheVault = Annotated[Vault, Depends(_vault)]
TheWakeups = Annotated[Wakeups, Depends(_wakeups)]
ThePresence = Annotated[Presence, Depends(_presence)]
TheLifecycle = Annotated[Lifecycle, Depends(_lifecycle)]
