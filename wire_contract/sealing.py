"""How credentials are sealed to one Actor: JWE (RFC 7516), ECDH-ES (RFC 7518) on X25519, A256GCM.

Nothing else is accepted. The protected header binds the seal to one key, one lease, one Actor and a
time, and the Actor compares each.
"""

from typing import Literal

from wire_contract.base import Identifier, WireModel

KEY_AGREEMENT: Literal["ECDH-ES"] = "ECDH-ES"
CONTENT_ENCRYPTION: Literal["A256GCM"] = "A256GCM"


class SealedHeader(WireModel):
    """The protected header. ``exp`` is in seconds since the epoch, by the Director's clock.

    ``kid`` is the SHA-256 thumbprint (RFC 7638) of the Actor's public key.
    """

    alg: Literal["ECDH-ES"] = KEY_AGREEMENT
    enc: Literal["A256GCM"] = CONTENT_ENCRYPTION
    kid: str
    lease_id: Identifier
    actor_id: Identifier
    exp: int
