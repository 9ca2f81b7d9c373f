"""What routes are given: sessions whose transaction ends before the answer leaves, and the services."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.presence import Presence
from director_api.vault import Vault
from director_api.verifications.lifecycle import Lifecycle
from director_api.wakeups import Wakeups


async def _reading(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.database.read() as session:
        yield session


async def _writing(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.database.write() as session:
        yield session


def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


def _wakeups(request: Request) -> Wakeups:
    wakeups: Wakeups = request.app.state.wakeups
    return wakeups


def _presence(request: Request) -> Presence:
    presence: Presence = request.app.state.presence
    return presence


def _lifecycle(request: Request) -> Lifecycle:
    lifecycle: Lifecycle = request.app.state.lifecycle
    return lifecycle


# scope="function": committed when the route returns, not after its answer was sent.
Reading = Annotated[AsyncSession, Depends(_reading, scope="function")]
Writing = Annotated[AsyncSession, Depends(_writing, scope="function")]
TheVault = Annotated[Vault, Depends(_vault)]
TheWakeups = Annotated[Wakeups, Depends(_wakeups)]
ThePresence = Annotated[Presence, Depends(_presence)]
TheLifecycle = Annotated[Lifecycle, Depends(_lifecycle)]
