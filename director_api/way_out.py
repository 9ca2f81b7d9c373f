"""How the Director reaches the clouds: by which proxy, whose certificates it trusts there, and how much it reads."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mail_transport.authorities import read_authorities

if TYPE_CHECKING:  # because every command reads the settings, and few of them ask a cloud
    import requests


@dataclass(frozen=True, slots=True)
class WayOut:
    """Null: the public authorities, and no proxy. The environment's own are never used."""

    ca_file: Path | None = None
    https_proxy: str | None = None

    def lead(self, session: "requests.Session") -> None:
        """Let the requests of ``session`` go this way, and bound their answers."""
        from director_api.bounded_answers import BoundedAnswers  # noqa: PLC0415  # because it brings requests

        session.trust_env = False
        session.verify = str(self.ca_file) if self.ca_file else True
        if self.https_proxy:
            session.proxies = {"https": self.https_proxy}
        for scheme in ("https://", "http://"):
            session.mount(scheme, BoundedAnswers())

    def authorities(self) -> str | None:
        """Return ``ca_file``'s text, null for the public authorities. Raises MailFailure ``tls_ca_unreadable``."""
        return read_authorities(self.ca_file)


def check_authorities(path: Path) -> None:
    """Raise ValueError, with a reason, unless ``path`` holds certificates of authorities in PEM."""
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        raise ValueError(f"{path} holds no certificate of an authority in PEM") from None
    except OSError as error:
        raise ValueError(f"{path} can't be read: {error.strerror}") from None
