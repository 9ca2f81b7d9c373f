"""What a job says of the mailbox: the target in clear, the credentials sealed to one Actor."""

from datetime import datetime
from uuid import UUID

from pydantic import SecretStr, TypeAdapter

from director_api.actor_protocol.roster import ActorIdentity
from director_api.actor_protocol.sealing import seal
from director_api.email_profiles import secrets
from director_api.email_profiles.configured import Configured
from wire_contract import jobs

_TARGET: TypeAdapter[jobs.Target] = TypeAdapter(jobs.Target)


def target_of(mailbox: Configured) -> jobs.Target:
    """Return where the mailbox is and how it is spoken to."""
    return _TARGET.validate_python({**mailbox.configuration, "server_type": mailbox.server_type})


def sealed_for(
    actor: ActorIdentity,
    mailbox: Configured,
    clear: dict[str, str],
    lease_id: UUID,
    *,
    expires_at: datetime,
) -> str:
    """Seal the mailbox's credentials to ``actor`` for one lease. ``clear``: its secrets by their field."""
    credentials = jobs.sealed_credentials(
        jobs.PasswordCredentials(
            username=mailbox.configuration["account"]["username"],
            password=SecretStr(clear[secrets.PASSWORD]),
        )
    )
    return seal(credentials, actor.public_key, lease_id=lease_id, actor_id=actor.id, expires_at=expires_at)
