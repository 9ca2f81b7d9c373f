"""How a profile stands: the status of each of its Actors, what they amount to, and telling that it changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.email_profiles.models import EmailProfile, ProfileActor
from director_api.events.log import EventType, emit


@dataclass(frozen=True, slots=True)
class ActorStanding:
    """What an Actor's last check of the present revision came to."""

    status: str
    failure_code: str | None


Standings = dict[UUID, ActorStanding]


def account_status(statuses: Sequence[str]) -> str:
    """Return what the statuses of a profile's Actors amount to."""
    verified = sum(status == "verified" for status in statuses)
    if verified == 0:
        return "unverified"
    return "verified" if verified == len(statuses) else "partially_verified"


async def standings_of(session: AsyncSession, profile_id: UUID) -> Standings:
    """Return how each Actor of a profile stands, as the transaction has it now."""
    rows = await session.execute(
        select(ProfileActor.actor_id, ProfileActor.status, ProfileActor.failure_code)
        .where(ProfileActor.profile_id == profile_id)
        .order_by(ProfileActor.position)
    )
    return {actor_id: ActorStanding(status, failure) for actor_id, status, failure in rows}


def standings(actors: Iterable[ProfileActor]) -> Standings:
    """Return how each of ``actors`` stands."""
    return {actor.actor_id: ActorStanding(actor.status, actor.failure_code) for actor in actors}


async def tell_change(session: AsyncSession, profile: EmailProfile, before: Standings) -> None:
    """Note what the Actors' statuses amount to; emit ``profile.status_changed`` where the account's or an Actor's status is no longer as ``before``."""
    tell_difference(session, profile, before, await standings_of(session, profile.id))


def tell_difference(session: AsyncSession, profile: EmailProfile, before: Standings, now: Standings) -> None:
    """Do as :func:`tell_change` where the standings are known."""
    changed = [_changed(actor_id, before, now) for actor_id in {**before, **now}]
    actors = [entry for entry in changed if entry["status"] != entry["previous_status"]]
    account, previous = _account(now), _account(before)
    profile.account_status = account
    if actors or account != previous:
        emit(
            session,
            EventType.PROFILE_STATUS_CHANGED,
            {
                "profile_id": str(profile.id),
                "email_address": profile.email_address,
                "account_status": account,
                "previous_account_status": previous,
                "actors": actors,
            },
        )


def _account(standings: Standings) -> str:
    return account_status([standing.status for standing in standings.values()])


def _changed(actor_id: UUID, before: Standings, now: Standings) -> dict[str, Any]:
    old, new = before.get(actor_id), now.get(actor_id)
    return {
        "actor_id": str(actor_id),
        "status": new and new.status,
        "previous_status": old and old.status,
        "failure_code": new and new.failure_code,
    }
