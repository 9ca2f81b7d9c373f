"""Letting an Actor in: a one-time token becomes a credential."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.access.tokens import TokenKind, new_token
from director_api.actor_protocol.roster import ActorIdentity, not_enrolled
from director_api.actor_protocol.sealing import UnusableKeyError, key_id, refuse_low_order
from director_api.actors.models import Actor, EnrollmentToken
from director_api.actors.presence import Presence
from director_api.clock import new_id, utc_now
from director_api.problems import Problem, invalid_field
from director_api.vault import Vault
from wire_contract.enrollment import EnrollRequest, PublicKey

DEFAULT_POLL_SECONDS = 60


async def enroll(
    session: AsyncSession, vault: Vault, presence: Presence, wanted: EnrollRequest
) -> tuple[Actor, str]:
    """Make an Actor, or give the one that the token is for a new credential.

    Raises:
        Problem: the token is wrong, expired or used; the name is taken or not the token's; or the key
            is unusable.
    """
    public_key = _usable(wanted.public_key)
    token = await _token(session, vault, presence, wanted)
    if token.name is not None and token.name != wanted.name:
        raise Problem(409, "name_fixed", f"This token enrolls an Actor named {token.name}.")
    owner = await session.scalar(select(Actor).where(Actor.name == wanted.name))
    again = token.used_by or token.actor_id
    if owner is not None and owner.id != again:
        raise Problem(
            409,
            "name_taken",
            f"An Actor named {wanted.name} exists. To enroll it anew, mint a token with its actor_id.",
        )
    row = await _actor_for(session, token, wanted)
    credential = new_token(TokenKind.ACTOR)
    row.credential_hash = vault.hash_token(credential)
    row.name, row.public_key, row.version = wanted.name, public_key, wanted.version
    row.capabilities = list(wanted.capabilities)
    row.next_credential_hash = row.next_public_key = None
    row.stopped = row.draining = False
    row.enrolled_at = utc_now()
    await session.flush()
    token.used_by, token.used_key = row.id, key_id(public_key)
    return row, credential


async def rotate(session: AsyncSession, vault: Vault, identity: ActorIdentity, key: PublicKey) -> str:
    """Give the Actor a new credential for a new key; the old one ends when the new one is first used.

    Raises:
        Problem: the key is unusable, or the credential that was used has ended.
    """
    public_key = _usable(key)
    row = await session.get(Actor, identity.id, with_for_update=True, populate_existing=True)
    # Who calls was known before this waited for the row: a revocation, or a newer credential, may have been faster.
    if row is None or row.credential_hash != identity.credential_hash:
        raise not_enrolled()
    credential = new_token(TokenKind.ACTOR)
    row.next_credential_hash, row.next_public_key = vault.hash_token(credential), public_key
    return credential


async def _token(
    session: AsyncSession, vault: Vault, presence: Presence, wanted: EnrollRequest
) -> EnrollmentToken:
    digest = vault.hash_token(wanted.token.get_secret_value())
    token = await session.scalar(
        select(EnrollmentToken).where(EnrollmentToken.token_hash == digest).with_for_update()
    )
    if token is None:
        raise Problem(401, "enrollment_token_invalid", "This enrollment token is wrong. Mint a new one.")
    if token.expires_at <= utc_now():
        raise Problem(401, "enrollment_token_expired", "This enrollment token has expired. Mint a new one.")
    if token.used_by is not None and not await _may_repeat(session, presence, token, wanted):
        raise Problem(401, "enrollment_token_used", "This enrollment token was used already. Mint a new one.")
    return token


async def _may_repeat(
    session: AsyncSession, presence: Presence, token: EnrollmentToken, wanted: EnrollRequest
) -> bool:
    """The answer got lost on its way: the same key may ask again until the Actor was heard of."""
    actor = await session.get(Actor, token.used_by)
    if actor is None or token.used_key != key_id(wanted.public_key.model_dump()):
        return False
    seen = presence.last_seen(actor.id, actor.last_seen_at)
    return seen is None or seen < actor.enrolled_at


async def _actor_for(session: AsyncSession, token: EnrollmentToken, wanted: EnrollRequest) -> Actor:
    known = token.used_by or token.actor_id
    if known is not None:
        # Read anew: a rotation that was committed meanwhile ends with the credential before it.
        return await session.get_one(Actor, known, with_for_update=True, populate_existing=True)
    now = utc_now()
    row = Actor(
        id=new_id(),
        name=wanted.name,
        security_zone_id=token.security_zone_id,
        public_key={},
        version=wanted.version,
        capabilities=[],
        interfaces=[],
        addresses=[],
        draining=False,
        poll_seconds=DEFAULT_POLL_SECONDS,
        enrolled_at=now,
        created_at=now,
    )
    session.add(row)
    return row


def _usable(key: PublicKey) -> dict[str, Any]:
    public_key = key.model_dump()
    try:
        refuse_low_order(public_key)
    except UnusableKeyError as error:
        raise invalid_field("/public_key/x", "invalid_value", f"{error}; make a new X25519 key.") from error
    return public_key
