"""Where the clouds are that may carry the Director's own mail, and the way there."""

from dataclasses import dataclass, field

from director_api.way_out import WayOut


@dataclass(frozen=True, slots=True)
class Clouds:
    """Base URLs without a slash at the end. Null for Microsoft: those of the cloud in the mail settings."""

    graph_root: str | None = None
    graph_authority: str | None = None
    gmail_root: str = "https://gmail.googleapis.com"
    google_token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105  # because it is an address
    way_out: WayOut = field(default_factory=WayOut)
