"""Which issuer the Director trusts to say who calls, and what it expects of its tokens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Oidc:
    """``client_id`` and ``scopes`` are what a frontend needs to sign someone in; they prove nothing here."""

    issuer: str
    audience: str
    role_claim: str = "role"
    client_id: str | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
