"""The Actors that may call, in memory: an idle poll asks here and costs no database statement.

A credential that is not known here is looked up once. A revocation drops it at once, in every
Director that hears of it; the sweep drops it within 15 s where it was not heard.
"""

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
        """Forget an Actor's credential and end its held polls."""
        self._drops += 1
        for digest, identity in tuple(self._by_hash.items()):
            if identity.id == actor_id:
                del self._by_hash[digest]
        self._board.wake(actor_id)

    async def sweep(self) -> None:
        """Drop what another process revoked."""
        if not self._by_hash:
            return
        async with self._database.read() as session:
            standing = set(await session.scalars(select(Actor.credential_hash)))
        for digest, identity in tuple(self._by_hash.items()):
            if digest not in standing:
                self.drop(identity.id)

    async def _look_up(self, digest: bytes) -> ActorIdentity | None:
        drops = -1
        row = None
        while drops != self._drops:  # a credential that ended while it was looked up is looked up again
            drops = self._drops
            async with self._database.read() as session:
                row = await session.scalar(select(Actor).where(Actor.credential_hash == digest))
        row = row or await self._first_use(digest)
        if row is None:
            return None
        identity = ActorIdentity(row.id, row.name, digest, row.public_key)
        self._by_hash[digest] = identity
        return identity

    async def _first_use(self, digest: bytes) -> Actor | None:
        """Let a rotated credential take the place of the one before it, where ``digest`` is one."""
        async with self._database.read() as session:
            known = await session.scalar(select(Actor.id).where(Actor.next_credential_hash == digest))
        if known is None:
            return None
        async with self._database.write() as session:
            row = await session.scalar(
                select(Actor).where(Actor.next_credential_hash == digest).with_for_update()
            )
            if row is None or row.next_public_key is None:  # another call of the Actor was faster
                return await session.scalar(select(Actor).where(Actor.credential_hash == digest))
            row.credential_hash, row.public_key = digest, row.next_public_key
            row.next_credential_hash = row.next_public_key = None
            control.did(row, ControlAction.ROTATE_CREDENTIAL)
        self.drop(row.id)
        return row


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
