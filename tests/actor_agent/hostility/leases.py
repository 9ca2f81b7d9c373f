"""Jobs that send an Actor to a server of a test's choice."""

from typing import Any

from actor_agent.state import Enrollment
from tests.actor_agent.director import FakeDirector
from tests.actor_agent.sealed_lease import sealed_lease
from tests.servers.ports import HOST
from wire_contract.results import Result


def lease_to(
    enrollment: Enrollment, protocol: str, port: int, *, ca: str | None = None, imap_port: int = 0
) -> dict[str, Any]:
    """A check of the mailbox behind `port`; for SMTP a test of the server there, beside the IMAP of `imap_port`.

    With `ca` over TLS.
    """
    if protocol != "smtp":
        return sealed_lease(enrollment, target=_target(protocol, ca, incoming=_server(port, ca)))
    # In clear, that what is measured be SMTP's.
    target = _target("imap", ca, incoming=_server(imap_port, None), outgoing=_server(port, ca))
    return sealed_lease(enrollment, kind="connectivity", target=target)


def trial_of(enrollment: Enrollment, imap_port: int) -> dict[str, Any]:
    """A test of the connection to a mailbox, which looks for no code."""
    return sealed_lease(
        enrollment, kind="connectivity", target=_target("imap", None, incoming=_server(imap_port, None))
    )


async def result_of(director: FakeDirector, given: dict[str, Any]) -> Result:
    """Wait for what comes of a lease."""
    await director.until(lambda: given["id"] in director.results)
    return director.results[given["id"]]


def _server(port: int, ca: str | None) -> dict[str, Any]:
    encryption = "ssl_tls" if ca else "none"
    return {"host": HOST, "port": port, "encryption": encryption, "authentication": "plain"}


def _target(server_type: str, ca: str | None, **servers: dict[str, Any]) -> dict[str, Any]:
    return {"server_type": server_type, "tls": {"ca_certificate": ca}, **servers}
