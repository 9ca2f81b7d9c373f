"""How the Director reaches the clouds: by which proxy, and whose certificates it trusts there."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mail_transport.authorities import read_authorities

if TYPE_CHECKING:
    from mail_transport.web import WebClient


@dataclass(frozen=True, slots=True)
class WayOut:
    """Null: the public authorities, and no proxy. The environment's own are never used."""

    ca_file: Path | None = None
    https_proxy: str | None = None

    def client(self) -> "WebClient":
        """Return a client that goes this way, with nothing connected yet. Raises MailFailure ``tls_ca_unreadable``."""
        from mail_transport.egress import EgressPolicy  # noqa: PLC0415  # because few commands ask a cloud
        from mail_transport.journal import Journal  # noqa: PLC0415  # because few commands ask a cloud
        from mail_transport.web import WebClient  # noqa: PLC0415  # because few commands ask a cloud

        anywhere = EgressPolicy.everywhere()  # to addresses that the settings alone name
        return WebClient(anywhere, Journal(), read_authorities(self.ca_file), self.https_proxy)


def check_authorities(path: Path) -> None:
    """Raise ValueError, with a reason, unless ``path`` holds certificates of authorities in PEM."""
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        raise ValueError(f"{path} holds no certificate of an authority in PEM") from None
    except OSError as error:
        raise ValueError(f"{path} can't be read: {error.strerror}") from None
