"""The stand-in for Entra and Graph beside tests that are not asynchronous."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.graph.service import make_app
from sandbox.graph.tenant import Tenant
from tests.servers.stand_in import serving


@dataclass(frozen=True)
class GraphService:
    """Where it is, what it knows, and the authority that vouches for it."""

    url: str
    tenant: Tenant
    ca_file: Path

    @property
    def port(self) -> int:
        """Where it listens."""
        return urlsplit(self.url).port or 0

    @property
    def environment(self) -> dict[str, str]:
        """The settings of an Actor that is to use it."""
        return {
            "ACTOR_GRAPH_ROOT": self.url,
            "ACTOR_GRAPH_AUTHORITY": self.url,
            "ACTOR_CA_FILE": str(self.ca_file),
        }

    @property
    def director_environment(self) -> dict[str, str]:
        """The settings of a Director that is to send its mail by it."""
        return {
            "DIRECTOR_GRAPH_ROOT": self.url,
            "DIRECTOR_GRAPH_AUTHORITY": self.url,
            "DIRECTOR_CA_FILE": str(self.ca_file),
        }


@contextmanager
def graph_service(folder: Path, *names: str) -> Iterator[GraphService]:
    """Serve an empty tenant, by further `names` too."""
    tenant = Tenant()
    with serving(make_app(tenant), folder, *names) as (url, ca_file):
        yield GraphService(url, tenant, ca_file)
