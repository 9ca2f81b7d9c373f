"""What a job says of the mailbox: the target in clear, the credentials sealed to one Actor."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import SecretStr, TypeAdapter

from director_api.actor_protocol.roster import ActorIdentity
from director_api.actor_protocol.sealing import seal
from director_api.email_profiles import secret_rules
from director_api.email_profiles.configured import Configured
from wire_contract import jobs

_TARGET: TypeAdapter[jobs.Target] = TypeAdapter(jobs.Target)
_IN_CLOUD = {"graph", "gmail"}


def target_of(mailbox: Configured) -> jobs.Target:
    """Return where the mailbox is and how it is spoken to."""
    configuration = mailbox.configuration
    fields = {**configuration, "server_type": mailbox.server_type}
    for name in _IN_CLOUD.intersection(configuration):
        fields |= {**configuration[name], "mailbox": configuration["mailbox"] or mailbox.email_address}
    return _TARGET.validate_python(fields)


def sealed_for(
    actor: ActorIdentity,
    mailbox: Configured,
    clear: dict[str, str],
    lease_id: UUID,
    *,
    expires_at: datetime,
) -> str:
    """Seal the mailbox's credentials to ``actor`` for one lease. ``clear``: its secrets by their field."""
    credentials = jobs.sealed_credentials(_credentials_of(mailbox.configuration, clear))
    return seal(credentials, actor.public_key, lease_id=lease_id, actor_id=actor.id, expires_at=expires_at)


def _credentials_of(configuration: Mapping[str, Any], clear: Mapping[str, str]) -> jobs.Credentials:
    secret = {path: SecretStr(value) for path, value in clear.items()}
    if "graph" in configuration:
        return jobs.ClientSecretCredentials(client_secret=secret[secret_rules.GRAPH_SECRET])
    if "gmail" in configuration:
        return _gmail(configuration["gmail"], secret)
    username = configuration["account"]["username"]
    if "oauth" not in configuration:
        return jobs.PasswordCredentials(username=username, password=secret[secret_rules.PASSWORD])
    client_secret, password = secret[secret_rules.OAUTH_SECRET], secret.get(secret_rules.PASSWORD)
    if configuration["oauth"]["provider"] == jobs.OAuthProvider.MICROSOFT:
        return jobs.ClientSecretCredentials(username=username, client_secret=client_secret, password=password)
    return jobs.RefreshTokenCredentials(
        username=username,
        client_secret=client_secret,
        password=password,
        refresh_token=secret[secret_rules.REFRESH_TOKEN],
    )


def _gmail(access: Mapping[str, Any], secret: Mapping[str, SecretStr]) -> jobs.Credentials:
    if access["client_id"] is None:
        return jobs.ServiceAccountCredentials(service_account_json=secret[secret_rules.SERVICE_ACCOUNT])
    return jobs.RefreshTokenCredentials(
        client_secret=secret[secret_rules.GMAIL_SECRET], refresh_token=secret[secret_rules.REFRESH_TOKEN]
    )
