"""The Actor's X25519 key: made at enrollment, kept by the Actor alone (RFC 7748, RFC 8037)."""

import base64

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from joserfc.jwk import OKPKey

from actor_agent.secret import Secret
from wire_contract.enrollment import PublicKey


def new_key() -> Secret:
    """Make a private key, spelled as a JWK spells its ``d``."""
    return Secret(_base64url(X25519PrivateKey.generate().private_bytes_raw()))


def load_key(private_key: Secret) -> OKPKey:
    """Return the key pair of ``private_key``.

    Raises:
        ValueError: it is no X25519 key.
    """
    raw = base64.urlsafe_b64decode(private_key.get_secret_value() + "=")
    return OKPKey.import_key(X25519PrivateKey.from_private_bytes(raw))


def public_key_of(private_key: Secret) -> PublicKey:
    """Return the half of ``private_key`` that may be told."""
    return PublicKey.model_validate(load_key(private_key).as_dict(private=False))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")
