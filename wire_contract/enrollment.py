"""How an Actor joins, says what it is, and changes its credential."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from wire_contract.base import Duration, Flag, Identifier, ShortText, WireModel
from wire_contract.jobs import LEASE_SECONDS, MAX_POLL_SECONDS

ActorName = Annotated[str, Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$")]


Credential = Annotated[str, Field(pattern=r"^[\x21-\x7e]{16,512}$")]
"""Goes into a header as it is, so it holds nothing that a header can't."""


class PublicKey(WireModel):
    """An X25519 public key as JWK (RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["X25519"]
    x: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


Capabilities = Annotated[tuple[ShortText, ...], Field(max_length=64)]


class Interface(WireModel):
    """One network interface of an Actor's machine. ``addresses`` carry their prefix length."""

    name: ShortText
    addresses: Annotated[tuple[ShortText, ...], Field(max_length=32)] = ()
    dhcp: Flag | None = None
    default_route: Flag = False


class EnrollRequest(WireModel):
    """What an Actor sends with its one-time token."""

    token: SecretStr
    name: ActorName
    version: ShortText
    capabilities: Capabilities = ()
    public_key: PublicKey


class Enrolled(WireModel):
    """The Actor's identity and the intervals that the Director wants of it, in seconds."""

    actor_id: Identifier
    credential: Credential
    poll_seconds: Annotated[Duration, Field(gt=0, le=MAX_POLL_SECONDS)]
    renew_seconds: Annotated[Duration, Field(gt=0, lt=LEASE_SECONDS)]


class ActorStatus(WireModel):
    """What an Actor says of itself. ``draining``: it takes nothing new; ``stopped``: its last word."""

    version: ShortText
    capabilities: Capabilities = ()
    interfaces: Annotated[tuple[Interface, ...], Field(max_length=64)] = ()
    addresses: Annotated[tuple[ShortText, ...], Field(max_length=64)] = ()
    draining: Flag = False
    stopped: Flag = False
    paused: Flag = False
    poll_seconds: Annotated[Duration, Field(gt=0, le=MAX_POLL_SECONDS)] | None = None


class RotateRequest(WireModel):
    """A new public key; the answer is a new credential and the old one ends."""

    public_key: PublicKey


class Rotated(WireModel):
    """The new credential."""

    credential: Credential
