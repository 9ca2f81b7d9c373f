"""The keys that sign records: Ed25519 (RFC 8032, RFC 8037, RFC 9864), the private part kept like every secret."""

import json

from joserfc.jwk import OKPKey
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import utc_now
from director_api.records.models import SigningKey
from director_api.vault import Vault

ALGORITHM = "Ed25519"


async def signing_key(session: AsyncSession, vault: Vault) -> OKPKey:
    """Return the key that signs now; the first time it is made."""
    row = await session.scalar(select(SigningKey).order_by(SigningKey.created_at.desc()).limit(1))
    if row is None:
        return add_key(session, vault)
    return OKPKey.import_key(json.loads(vault.decrypt(row.encrypted, owner=_owner(row.id))))


def add_key(session: AsyncSession, vault: Vault) -> OKPKey:
    """Make a key that signs from now on. What earlier keys signed can still be checked."""
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    key_id = str(key.kid)
    session.add(
        SigningKey(
            id=key_id,
            public={**key.as_dict(private=False), "kid": key_id, "use": "sig", "alg": ALGORITHM},
            encrypted=vault.encrypt(
                json.dumps({**key.as_dict(private=True), "kid": key_id}), owner=_owner(key_id)
            ),
            created_at=utc_now(),
        )
    )
    return key


async def public_keys(session: AsyncSession) -> list[dict[str, object]]:
    """Return the public part of every key, the newest first, as a JWK Set holds them (RFC 7517)."""
    rows = await session.scalars(select(SigningKey.public).order_by(SigningKey.created_at.desc()))
    return list(rows)


def _owner(key_id: str) -> str:
    return f"signing_key:{key_id}"
