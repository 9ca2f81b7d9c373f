"""What one request may ask for, and how much of it one Director serves at once."""

from dataclasses import dataclass
from typing import Final

from director_api.lengths import DEFAULT, Lengths

MOST_PAGE_ITEMS: Final = 200
MOST_IMPORT_PROFILES: Final = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings lower the first two. The OpenAPI document that a Director serves shows its own."""

    page_items: int = MOST_PAGE_ITEMS
    import_profiles: int = MOST_IMPORT_PROFILES
    event_streams: int = 1000
    lengths: Lengths = DEFAULT
