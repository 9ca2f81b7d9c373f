"""Reading who and what from a token's claims, once its signature is known to be good."""

from collections.abc import Mapping
from typing import Any

from director_api.access.roles import Role, highest

_NAMES = ("preferred_username", "email", "name")
_LONGEST = 255


def subject_of(claims: Mapping[str, Any]) -> str | None:
    """Return who it is, by the name that the issuer never gives to another; null where that is malformed."""
    subject = claims.get("sub")
    if isinstance(subject, str) and 0 < len(subject) <= _LONGEST and subject.isprintable():
        return subject
    return None


def name_of(claims: Mapping[str, Any]) -> str | None:
    """Return a name for people to read, or null where there is none that can be shown."""
    for claim in _NAMES:
        name = claims.get(claim)
        if isinstance(name, str) and name.strip() and name.isprintable():
            return name[:_LONGEST]
    return None


def role_of(claims: Mapping[str, Any], role_claim: str) -> Role | None:
    """Return the highest role that the claim names, as a string or in a list; null for none.

    ``role_claim`` is a claim's whole name or, where there is none, a path through objects
    (``realm_access.roles``).
    """
    found: Any = claims.get(role_claim)
    if found is None:
        found = claims
        for part in role_claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    names = found if isinstance(found, list) else [found]
    return highest(name for name in names if isinstance(name, str))
