"""Joining where a profile's Actors connect to with what is known of the Actors and of the names."""

import csv
import io
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.models import Actor
from director_api.email_profiles.models import EmailProfile, ProfileActor
from director_api.jobs.models import Job, JobRun
from director_api.network_requirements.destinations import Destination, destinations_of
from director_api.network_requirements.schemas import NetworkRequirement, NetworkRequirements
from director_api.security_zones.models import SecurityZone
from director_api.verifications.models import Check

_RECENT = 200
_COLUMNS = (
    "source_actor",
    "security_zone",
    "source_addresses",
    "destination_host",
    "destination_addresses",
    "port",
    "protocol",
    "purpose",
)
_FORMULA = ("=", "+", "-", "@")
Resolved = dict[tuple[UUID, str, str], list[str]]


async def requirements_of(session: AsyncSession, profile: EmailProfile) -> NetworkRequirements:
    """Return what each of the profile's Actors must be able to reach."""
    resolved = await _resolved(session, profile.id)
    rows = await session.execute(
        select(Actor, SecurityZone.name)
        .join(ProfileActor, ProfileActor.actor_id == Actor.id)
        .outerjoin(SecurityZone, SecurityZone.id == Actor.security_zone_id)
        .where(ProfileActor.profile_id == profile.id)
        .order_by(ProfileActor.position)
    )
    destinations = destinations_of(profile)
    items = [
        _requirement(actor, zone, destination, resolved)
        for actor, zone in rows
        for destination in destinations
    ]
    return NetworkRequirements(profile_id=profile.id, email_address=profile.email_address, items=items)


def as_csv(requirements: NetworkRequirements) -> str:
    """Return the requirements as CSV (RFC 4180), several addresses in a cell separated by blanks."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(_COLUMNS)
    for item in requirements.items:
        cells = (
            item.actor,
            item.security_zone or "",
            " ".join(item.source_addresses),
            item.destination_host,
            " ".join(item.destination_addresses),
            str(item.port),
            item.protocol,
            item.purpose,
        )
        lines.writerow([_inert(cell) for cell in cells])
    return text.getvalue()


def _requirement(
    actor: Actor, zone: str | None, destination: Destination, resolved: Resolved
) -> NetworkRequirement:
    key = (actor.id, destination.step or "", destination.host)
    return NetworkRequirement(
        actor_id=actor.id,
        actor=actor.name,
        security_zone=zone,
        source_addresses=list(actor.addresses),
        destination_host=destination.host,
        destination_addresses=resolved.get(key, []),
        port=destination.port,
        purpose=destination.purpose,
    )


async def _resolved(session: AsyncSession, profile_id: UUID) -> Resolved:
    """Return the addresses that the latest checks and connectivity checks found, later ones last."""
    jobs = await session.execute(
        select(Job.actor_id, Job.diagnostics)
        .join(JobRun, JobRun.id == Job.run_id)
        .where(JobRun.profile_id == profile_id)
        .order_by(Job.id.desc())
        .limit(_RECENT)
    )
    checks = await session.execute(
        select(Check.actor_id, Check.diagnostics)
        .where(Check.profile_id == profile_id)
        .order_by(Check.id.desc())
        .limit(_RECENT)
    )
    found: Resolved = {}
    for actor_id, steps in (*jobs, *checks):
        for step, host, addresses in _resolutions(steps):
            found.setdefault((actor_id, step, host), addresses)
    return found


def _resolutions(steps: list[Any]) -> Iterable[tuple[str, str, list[str]]]:
    for step in steps:
        addresses = step["detail"].get("addresses")
        if step["step"] in {"resolve", "smtp_resolve"} and isinstance(addresses, list):
            yield step["step"], str(step["detail"].get("host")), [str(address) for address in addresses]


def _inert(cell: str) -> str:
    # A cell that begins like a formula is run by the spreadsheet that opens the file.
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
