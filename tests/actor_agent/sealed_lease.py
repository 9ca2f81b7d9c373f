"""Leases whose credentials are sealed as the real Director seals them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from actor_agent.sealing_key import public_key_of
from actor_agent.state import Enrollment
from director_api.actor_protocol.sealing import seal
from tests.actor_agent.director import DIRECTORS_TIME, HOST, lease
from wire_contract.jobs import PasswordCredentials, sealed_credentials

USERNAME, PASSWORD = "anna@example.test", "s3cret-of-anna"


def sealed_lease(
    enrollment: Enrollment,
    *,
    port: int = 1,
    username: str = USERNAME,
    password: str = PASSWORD,
    sealed_for: UUID | None = None,
    expires_at: datetime = DIRECTORS_TIME + timedelta(minutes=10),
    **fields: Any,
) -> dict[str, Any]:
    """Make a lease of a mailbox behind IMAP in clear on ``port`` of this machine, or of another ``target``."""
    lease_id = uuid4()
    sealed = seal(
        sealed_credentials(PasswordCredentials(username=username, password=SecretStr(password))),
        public_key_of(enrollment.private_key).model_dump(),
        lease_id=sealed_for or lease_id,
        actor_id=UUID(enrollment.actor_id),
        expires_at=expires_at,
    )
    incoming = {"host": HOST, "port": port, "encryption": "none", "authentication": "plain"}
    target = {"server_type": "imap", "incoming": incoming}
    return lease(**{"id": str(lease_id), "sealed": sealed, "target": target} | fields)
