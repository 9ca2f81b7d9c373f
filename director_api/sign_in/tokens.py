"""Checking an access token: a JWT (RFC 7519) that the issuer signed, for this Director, for now.

RFC 8725 lists what goes wrong with JWTs; RFC 9068 says what access tokens look like.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, ClaimError, ExpiredTokenError, JoseError, MissingClaimError

from director_api.access.roles import Role
from director_api.clock import Clock
from director_api.problems import Problem
from director_api.sign_in.claims import name_of, role_of, subject_of
from director_api.sign_in.fetching import IssuerAway
from director_api.sign_in.issuer import Issuer, PublicKey
from director_api.sign_in.oidc import Oidc

log = logging.getLogger(__name__)
LEEWAY_SECONDS: Final = 60
LONGEST_TOKEN: Final = 16 * 1024
_KEY_TYPES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
# Each of them proves that the issuer signed; with HS* whoever knows the public key could sign, and "none" proves nothing.
ALGORITHMS: Final = (*(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)), "Ed25519")
_REGISTRY = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_REGISTRY.max_header_length = 4096  # some issuers repeat their certificates there
_TYPES = {"jwt", "at+jwt", "application/at+jwt"}
_CLAIMS = {
    "iss": "it is of another issuer",
    "aud": "it is for another audience",
    "nbf": "it is not valid yet",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in. ``expires_at`` includes the leeway for clocks that differ."""

    subject: str
    name: str
    role: Role
    expires_at: datetime


class Refused(Exception):  # noqa: N818  # because a token that is refused is no mistake of ours
    """The token proves nothing; the text says why and may be shown."""


class Tokens:
    """Finds whom an access token stands for."""

    def __init__(self, oidc: Oidc, issuer: Issuer, clock: Clock) -> None:
        self._oidc = oidc
        self.issuer = issuer
        self._clock = clock

    async def find(self, token: str) -> Person:
        """Return whom ``token`` stands for.

        Raises:
            Problem: 401 it proves nothing, 403 it gives no role, 503 the issuer's keys are not to be had.
        """
        try:
            claims = await self._checked(token)
        except Refused as refusal:
            log.info("an access token was refused: %s", refusal)
            raise _not_authenticated(str(refusal)) from None
        except IssuerAway:
            raise _unavailable() from None
        subject = subject_of(claims)
        if subject is None:
            raise _not_authenticated("its claim sub is wrong")
        role = role_of(claims, self._oidc.role_claim)
        if role is None:
            raise _no_role(self._oidc.role_claim)
        expires_at = datetime.fromtimestamp(claims["exp"] + LEEWAY_SECONDS, UTC)
        return Person(subject, name_of(claims) or subject, role, expires_at)

    async def _checked(self, token: str) -> dict[str, Any]:
        header = _header_of(token)
        key = await self._key(header)
        try:
            claims = jwt.decode(token, key, algorithms=ALGORITHMS, registry=_REGISTRY).claims
            self._rules().validate(claims)
            datetime.fromtimestamp(claims["exp"] + LEEWAY_SECONDS, UTC)
        except (JoseError, ValueError, TypeError, OverflowError, OSError) as error:
            raise Refused(_reason(error)) from None
        return claims

    async def _key(self, header: dict[str, Any]) -> PublicKey:
        key_id = header.get("kid")
        if key_id is not None and not isinstance(key_id, str):
            raise Refused("it is malformed")
        wanted = _KEY_TYPES[header["alg"][:2]]
        keys = [key for key in await self.issuer.find_keys(key_id) if key.key_type == wanted]
        if len(keys) != 1:  # a token without a key id can be checked only where there is no choice
            raise Refused("its key is not one that the issuer publishes")
        return keys[0]

    def _rules(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._oidc.issuer},
            aud={"essential": True, "value": self._oidc.audience},
            sub={"essential": True},
            exp={"essential": True},
        )


def looks_signed(token: str) -> bool:
    """Tell whether ``token`` has the form of a signed JWT (RFC 7515, section 7.1)."""
    return token.count(".") == 2


def _header_of(token: str) -> dict[str, Any]:
    """Read the header, which nobody has vouched for yet: it may only choose among what is allowed."""
    if len(token) > LONGEST_TOKEN:
        raise Refused("it is too long")
    try:
        header = jws.extract_compact(token.encode(), registry=_REGISTRY).headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise Refused("it is malformed") from None
    if header.get("alg") not in ALGORITHMS:
        raise Refused(f"its algorithm is none of {', '.join(ALGORITHMS)}")
    if str(header.get("typ", "JWT")).lower() not in _TYPES:
        raise Refused("it is another type of token")
    return header


def _reason(error: Exception) -> str:
    if isinstance(error, ExpiredTokenError):
        return "it has expired"
    if isinstance(error, MissingClaimError):
        return f"it lacks the claim {error.claim}"
    if isinstance(error, ClaimError):
        return _CLAIMS.get(error.claim, f"its claim {error.claim} is wrong")
    if isinstance(error, BadSignatureError):
        return "its signature is wrong"
    return "it is malformed"


def _not_authenticated(reason: str) -> Problem:
    # RFC 6750, section 3.1
    return Problem(
        401,
        "not_authenticated",
        f"The access token is refused: {reason}. Sign in again.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


def _no_role(role_claim: str) -> Problem:
    return Problem(
        403,
        "no_role",
        f"You are signed in, but have no role here: the issuer's claim {role_claim} must name viewer, operator or admin.",
    )


def _unavailable() -> Problem:
    return Problem(
        503,
        "sign_in_unavailable",
        "The issuer that signs people in can't be asked at the moment; API tokens work.",
        headers={"Retry-After": "10"},
    )
