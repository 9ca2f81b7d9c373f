"""What a caller may do."""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What a caller may do; each role may do what the one before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Tell whether this role may do what ``other`` may."""
        return _RANK[self] >= _RANK[other]


_RANK = {role: rank for rank, role in enumerate(Role)}


def highest(names: Iterable[str]) -> Role | None:
    """Return the highest role among ``names``; those that are no role count for nothing."""
    named = set(names)
    known = (role for role in Role if role.value in named)
    return max(known, key=lambda role: _RANK[role], default=None)
