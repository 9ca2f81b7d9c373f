"""What is looked for in a mailbox, and what was found there."""

from dataclasses import dataclass
from datetime import datetime

from wire_contract.results import Evidence


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message by the first part of its code. An earlier locator ends no search: it tells a code of before.

    ``since`` is a hint from when on it may have arrived. ``folders`` are looked into beside the inbox
    and the junk folder.
    """

    locator: str
    earlier_locators: tuple[str, ...] = ()
    since: datetime | None = None
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """``codes`` best first; more than one only if several messages carry the locator."""

    codes: tuple[str, ...]
    evidence: Evidence
