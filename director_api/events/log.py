"""Writing an event down, in the transaction of what it tells."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import new_id, utc_now
from director_api.database import signal
from director_api.events.models import Event
from director_api.wakeups import EVENTS


class EventType(StrEnum):
    """Everything that is ever told."""

    PROFILE_CREATED = "profile.created"
    PROFILE_UPDATED = "profile.updated"
    PROFILE_DELETED = "profile.deleted"
    PROFILE_STATUS_CHANGED = "profile.status_changed"
    VERIFICATION_STARTED = "verification.started"
    VERIFICATION_PROGRESSED = "verification.progressed"
    VERIFICATION_FINISHED = "verification.finished"
    ACTOR_ONLINE = "actor.online"
    ACTOR_OFFLINE = "actor.offline"
    SECRET_EXPIRING = "secret.expiring"  # noqa: S105  # because this is the name of an event
    SECRET_EXPIRED = "secret.expired"  # noqa: S105  # because this is the name of an event
    CONSENT_REQUIRED = "consent.required"


def emit(session: AsyncSession, event_type: EventType, data: Mapping[str, Any]) -> None:
    """Add an event to the caller's transaction; it is told once that is durable, and never if it is not.

    ``data`` is JSON that any viewer may read: never a secret, never a code. Its ``profile_id``, where
    there is one, is what listeners filter by.
    """
    profile_id = data.get("profile_id")
    session.add(
        Event(
            id=new_id(),
            type=event_type.value,
            profile_id=None if profile_id is None else UUID(str(profile_id)),
            data=dict(data),
            created_at=utc_now(),
        )
    )
    signal(session, EVENTS)
