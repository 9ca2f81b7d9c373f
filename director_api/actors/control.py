"""What an Actor is asked to do by the answer to its poll, kept until it shows that it did."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.models import Actor
from director_api.verifications.lifecycle import Lifecycle
from wire_contract.control import ControlAction
from wire_contract.enrollment import ActorStatus
from wire_contract.jobs import Control

RENEW_SECONDS = 20.0
_ASK_AGAIN = timedelta(seconds=60)
"""An answer may get lost; an Actor that obeyed takes nothing amiss when it is asked twice."""
_OPPOSITE = {ControlAction.PAUSE: ControlAction.RESUME, ControlAction.RESUME: ControlAction.PAUSE}


def ask(session: AsyncSession, lifecycle: Lifecycle, actor: Actor, action: ControlAction) -> None:
    """Ask ``actor`` to do something; its poll is answered with that after the commit."""
    dropped = {action, _OPPOSITE.get(action)}
    now = lifecycle.now()
    kept = [entry for entry in actor.asked if entry["action"] not in dropped]
    actor.asked = [*kept, {"action": action, "at": now.isoformat()}]
    if action in _OPPOSITE:
        actor.paused = action is ControlAction.PAUSE
    actor.ask_at = now
    lifecycle.announce(session, actor.id, now)


async def next_control(session: AsyncSession, lifecycle: Lifecycle, actor_id: UUID) -> Control | None:
    """Return what the poll of an Actor is to be answered with now, if anything."""
    now = lifecycle.now()
    actor = await session.scalar(
        select(Actor).where(Actor.id == actor_id, Actor.ask_at <= now).with_for_update()
    )
    if actor is None or not actor.asked:
        return None
    due = [entry for entry in actor.asked if datetime.fromisoformat(entry["at"]) <= now]
    if not due:
        return None
    action = due[0]["action"]
    again = (now + _ASK_AGAIN).isoformat()
    _keep(
        actor,
        [{**entry, "at": again} if entry["action"] == action else entry for entry in actor.asked],
    )
    lifecycle.announce(session, actor.id, actor.ask_at or now + _ASK_AGAIN)
    if action != ControlAction.SET_INTERVALS:
        return Control(action=action)
    return Control(action=action, poll_seconds=actor.poll_seconds, renew_seconds=RENEW_SECONDS)


def did(actor: Actor, action: ControlAction) -> None:
    """The Actor showed that it did what it was asked."""
    _keep(actor, [entry for entry in actor.asked if entry["action"] != action])


def heard(session: AsyncSession, lifecycle: Lifecycle, actor: Actor, status: ActorStatus) -> None:
    """Take from an Actor's status what it did of what it was asked, and what it forgot by a restart."""
    shown = {
        ControlAction.PAUSE: status.paused,
        ControlAction.RESUME: not status.paused,
        ControlAction.STOP: status.draining,
        ControlAction.SET_INTERVALS: status.poll_seconds == actor.poll_seconds,
    }
    for action, done in shown.items():
        if done:
            did(actor, action)
    asked = {entry["action"] for entry in actor.asked}
    if status.poll_seconds is None or status.draining:  # of an older version, or on its way out
        return
    if not shown[ControlAction.SET_INTERVALS] and ControlAction.SET_INTERVALS not in asked:
        ask(session, lifecycle, actor, ControlAction.SET_INTERVALS)
    if actor.paused and not status.paused and ControlAction.PAUSE not in asked:
        ask(session, lifecycle, actor, ControlAction.PAUSE)


async def asks_at(session: AsyncSession) -> dict[UUID, datetime]:
    """Return which Actors are to be asked something, and when."""
    rows = await session.execute(select(Actor.id, Actor.ask_at).where(Actor.ask_at.is_not(None)))
    return {actor_id: at for actor_id, at in rows if at is not None}


def _keep(actor: Actor, asked: list[dict[str, Any]]) -> None:
    actor.asked = asked
    actor.ask_at = min((datetime.fromisoformat(entry["at"]) for entry in asked), default=None)
