"""Sealing credentials to one Actor for one lease: JWE ECDH-ES + A256GCM (RFC 7516, RFC 8037)."""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from joserfc import jwe
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64decode

from wire_contract.sealing import CONTENT_ENCRYPTION, KEY_AGREEMENT, SealedHeader

_REGISTRY = jwe.JWERegistry(algorithms=[KEY_AGREEMENT, CONTENT_ENCRYPTION], strict_check_header=False)
_KEPT_KEYS = 1_000


class UnusableKeyError(ValueError):
    """The public key is of low order: what is sealed to it would be open to anyone (RFC 7748, section 6.1)."""


def key_id(public_key: dict[str, Any]) -> str:
    """Return the key's thumbprint (RFC 7638)."""
    return _imported(public_key)[1]


def _imported(public_key: dict[str, Any]) -> tuple[OKPKey, str]:
    """Import a key; also return its thumbprint. An Actor has one, for all its leases."""
    return _kept(json.dumps(public_key, sort_keys=True))


@lru_cache(maxsize=_KEPT_KEYS)
def _kept(public_key: str) -> tuple[OKPKey, str]:
    key = OKPKey.import_key(json.loads(public_key))
    return key, key.thumbprint()


def refuse_low_order(public_key: dict[str, Any]) -> None:
    """Agree on a key with it once: a key of low order yields zeros, which the library refuses.

    Raises:
        UnusableKeyError: it is of low order or not 32 bytes.
    """
    try:
        peer = X25519PublicKey.from_public_bytes(urlsafe_b64decode(str(public_key["x"]).encode()))
        X25519PrivateKey.generate().exchange(peer)
    except ValueError as error:
        raise UnusableKeyError("this public key can't be used") from error


def seal(
    secrets: bytes, public_key: dict[str, Any], *, lease_id: UUID, actor_id: UUID, expires_at: datetime
) -> str:
    """Return ``secrets`` as compact JWE that only the Actor opens, and only for this lease."""
    key, thumbprint = _imported(public_key)
    header = SealedHeader(
        kid=thumbprint, lease_id=lease_id, actor_id=actor_id, exp=int(expires_at.timestamp())
    )
    sealed: str = jwe.encrypt_compact(
        header.model_dump(mode="json"),
        secrets,
        key,
        registry=_REGISTRY,
    )
    return sealed
