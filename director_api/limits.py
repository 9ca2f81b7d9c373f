"""What one request may ask for, and how much of it one Director serves at once."""

from dataclasses import dataclass
from typing import Final

MOST_PAGE_ITEMS: Final = 200
MOST_IMPORT_PROFILES: Final = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """The settings lower the first two from what the OpenAPI document shows."""

    page_items: int = MOST_PAGE_ITEMS
    import_profiles: int = MOST_IMPORT_PROFILES
    event_streams: int = 1000
