"""Small pieces of sentences for people, shared by what tells of several Actors."""

from collections.abc import Sequence

MOST_NAMES = 5


def names(several: Sequence[str]) -> str:
    """Return names as a sentence lists them; past five it says how many more there are."""
    shown = list(several[:MOST_NAMES])
    if len(several) > MOST_NAMES:
        shown.append(f"{len(several) - MOST_NAMES} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def agree(several: Sequence[str], one: str, many: str) -> str:
    """Return the form of a verb that agrees with the number of names."""
    return one if len(several) == 1 else many
