"""The stand-in for Entra and Graph beside tests that are not asynchronous: in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from sandbox.graph.service import served
from sandbox.graph.tenant import Tenant
from tests.servers import certificates


@dataclass(frozen=True)
class GraphService:
    """Where it is, what it knows, and the authority that vouches for it."""

    url: str
    tenant: Tenant
    ca_file: Path

    @property
    def environment(self) -> dict[str, str]:
        """The settings of an Actor that is to use it."""
        return {
            "ACTOR_GRAPH_ROOT": self.url,
            "ACTOR_GRAPH_AUTHORITY": self.url,
            "ACTOR_CA_FILE": str(self.ca_file),
        }


@contextmanager
def graph_service(folder: Path) -> Iterator[GraphService]:
    """Serve an empty tenant."""
    ca, tenant = trustme.CA(), Tenant()
    ca_file = folder / "graph-ca.pem"
    ca.cert_pem.write_to_path(ca_file)
    chain, key = certificates.valid(ca).write(folder)
    loop = asyncio.new_event_loop()
    stop, ready, urls = asyncio.Event(), threading.Event(), list[str]()

    async def serve() -> None:
        async with served(tenant, chain, key) as url:
            urls.append(url)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(30)
        yield GraphService(urls[0], tenant, ca_file)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
