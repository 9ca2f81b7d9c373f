"""Where an Actor may connect and what it finds there: the same for every job, and never said by a profile."""

from pathlib import Path
from typing import NamedTuple

from mail_transport.egress import EgressPolicy


class CloudEndpoints(NamedTuple):
    """Base URLs of the clouds, without a slash at the end. Null for Microsoft: those of the profile's cloud."""

    graph_root: str | None = None
    graph_authority: str | None = None
    gmail_root: str = "https://gmail.googleapis.com"
    google_token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105  # because it is an address


class Reach(NamedTuple):
    """``ca_file`` replaces the public authorities; ``https_proxy`` is the way to the clouds, null a direct one.

    ``dns_server`` is asked about domains in place of the system's.
    """

    egress: EgressPolicy = EgressPolicy()
    clouds: CloudEndpoints = CloudEndpoints()
    ca_file: Path | None = None
    https_proxy: str | None = None
    dns_server: tuple[str, int] | None = None

    def authorities(self) -> str | None:
        """Return ``ca_file``'s text, null for the public authorities. Raises MailFailure ``tls_ca_unreadable``."""
        from mail_transport.authorities import (  # noqa: PLC0415  # brings the failure codes, for jobs alone
            read_authorities,
        )

        return read_authorities(self.ca_file)
