"""The Actors that may call, in memory: an idle poll asks here and costs no database statement.

A credential that is not known here is looked up once. A revocation drops it at once, in every
Director that hears of it; the sweep drops it within 15 s where it was not heard.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select

from director_api.access.tokens import TokenKind, is_kind
from director_api.actor_protocol.board import WorkBoard
from director_api.actors import control
from director_api.actors.models import Actor
from director_api.actors.presence import Presence
from director_api.database import Database
from director_api.problems import Problem
from director_api.vault import Vault
from wire_contract.control import ControlAction

_bearer = HTTPBearer(auto_error=False, scheme_name="ActorCredential", description="From POST /actor/enroll")


@dataclass(frozen=True, slots=True)
class ActorIdentity:
    """An Actor that has proved itself, with the key that its credentials are sealed to."""

    id: UUID
    name: str
    credential_hash: bytes
    public_key: dict[str, Any]


class Roster:
    """Finds the Actor of a credential."""

    def __init__(self, database: Database, vault: Vault, board: WorkBoard) -> None:
        self._database = database
        self._vault = vault
        self._board = board
        self._by_hash: dict[bytes, ActorIdentity] = {}
        self._drops = 0

    async def find(self, credential: str) -> ActorIdentity | None:
        """Return the Actor of ``credential``, or null for a wrong or revoked one."""
        if not is_kind(credential, TokenKind.ACTOR):
            return None
        digest = self._vault.hash_token(credential)
        return self._by_hash.get(digest) or await self._look_up(digest)

    def knows(self, identity: ActorIdentity) -> bool:
        """Tell whether the credential that was used still stands."""
        return identity.credential_hash in self._by_hash

    def drop(self, actor_id: UUID) -> None:
        """Forget an Actor's credentials and end its held polls."""
        self._forget(actor_id, [digest for digest, known in self._by_hash.items() if known.id == actor_id])

    async def sweep(self) -> None:
        """Drop what another process revoked."""
        known = tuple(self._by_hash.items())  # of what is looked up from here on, the answer says nothing
        if not known:
            return
        async with self._database.read() as session:
            standing = set(await session.scalars(select(Actor.credential_hash)))
        for digest, identity in known:
            if digest not in standing:
                self._forget(identity.id, [digest])

    def _forget(self, actor_id: UUID, digests: Iterable[bytes]) -> None:
        self._drops += 1
        for digest in digests:
            self._by_hash.pop(digest, None)
        self._board.wake(actor_id)

    async def _look_up(self, digest: bytes) -> ActorIdentity | None:
        row = await self._standing(digest)
        if row is None and await self._first_use(digest):
            row = await self._standing(digest)  # it may have been revoked since
        if row is None:
            return None
        identity = ActorIdentity(row.id, row.name, digest, row.public_key)
        self._by_hash[digest] = identity
        return identity

    async def _standing(self, digest: bytes) -> Actor | None:
        drops = -1
        row: Actor | None = None
        while drops != self._drops:  # a credential that ended while it was looked up is looked up again
            drops = self._drops
            async with self._database.read() as session:
                row = await session.scalar(select(Actor).where(Actor.credential_hash == digest))
        return row

    async def _first_use(self, digest: bytes) -> bool:
        """Let a rotated credential take the place of the one before it. Returns whether ``digest`` was one."""
        # It follows one that stands: after a revocation there is nothing to follow.
        rotated = select(Actor).where(
            Actor.next_credential_hash == digest, Actor.credential_hash.is_not(None)
        )
        async with self._database.read() as session:
            if await session.scalar(rotated) is None:
                return False
        async with self._database.write() as session:
            row = await session.scalar(rotated.with_for_update())
            if row is None or row.next_public_key is None:  # another call of the Actor was faster
                return True
            row.credential_hash, row.public_key = digest, row.next_public_key
            row.next_credential_hash = row.next_public_key = None
            control.did(row, ControlAction.ROTATE_CREDENTIAL)
        self.drop(row.id)
        return True


def not_enrolled() -> Problem:
    """The Actor's credential is wrong or was revoked."""
    return Problem(
        401,
        "actor_not_enrolled",
        "This credential is wrong or was revoked: enroll the Actor again with a new enrollment token.",
        headers={"WWW-Authenticate": "Bearer"},
    )


async def _calling_actor(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> ActorIdentity:
    roster: Roster = request.app.state.roster
    identity = await roster.find(credentials.credentials) if credentials else None
    if identity is None:
        raise not_enrolled()
    presence: Presence = request.app.state.presence
    presence.saw(identity.id)
    return identity


CallingActor = Annotated[ActorIdentity, Depends(_calling_actor)]
