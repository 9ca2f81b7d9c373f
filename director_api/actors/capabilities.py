"""What an Actor must be able to do for a job, held against what it says of itself."""

from collections.abc import Iterator

from director_api.actors.models import Actor
from director_api.email_profiles.configured import Configured
from wire_contract.job_kinds import XOAUTH2_CLOUDS, JobKind
from wire_contract.jobs import Cloud


def lacks(actor: Actor, kind: JobKind, mailbox: Configured | None) -> str | None:
    """Say what ``actor`` lacks for a job of ``kind``; null when it lacks nothing.

    An Actor that names no capability at all is of a version that did not, and is not judged by it.
    """
    if not actor.capabilities:
        return None
    missing = [need for need in _needs(kind, mailbox) if need not in actor.capabilities]
    if not missing:
        return None
    return f"The Actor {actor.name} (version {actor.version}) lacks: {', '.join(missing)}."


def _needs(kind: JobKind, mailbox: Configured | None) -> Iterator[str]:
    yield kind.value
    if mailbox is not None:
        yield mailbox.server_type
        # The outgoing server is tested beside the mailbox, and is a warning at most.
        incoming = mailbox.configuration.get("incoming") or {}
        authentication = incoming.get("authentication")
        if authentication is not None:
            yield authentication
        oauth = mailbox.configuration.get("oauth") or {}
        # An Actor that knows of no clouds would show the secret to the global one.
        if oauth.get("cloud", Cloud.GLOBAL) != Cloud.GLOBAL:
            yield XOAUTH2_CLOUDS
