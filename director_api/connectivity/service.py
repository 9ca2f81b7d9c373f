"""Starting connectivity checks of drafts and of saved profiles."""

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actors.models import Actor
from director_api.among import among
from director_api.clock import new_id
from director_api.connectivity.schemas import DraftCheckRequest, ProfileCheckRequest
from director_api.email_profiles import secret_rules, secrets
from director_api.email_profiles.models import EmailProfile, ProfileActor
from director_api.email_profiles.references import unfit_actor
from director_api.jobs.leasing import secrets_owner
from director_api.jobs.locking import locked_run
from director_api.jobs.models import JobRun
from director_api.jobs.starting import add_run
from director_api.problems import Problem, invalid_field, invalid_fields, not_found
from director_api.security_zones.models import SecurityZone
from director_api.vault import Vault
from director_api.verifications.lifecycle import Lifecycle
from director_api.verifications.logins import account_of
from wire_contract.job_kinds import JobKind

_MOST_ACTORS = 1000


async def connectivity_check(session: AsyncSession, run_id: UUID, *, for_update: bool = False) -> JobRun:
    """Return a connectivity check; with ``for_update``, locked.

    Raises:
        Problem: there is no such connectivity check; a day after its start it is removed.
    """
    row = await (locked_run(session, run_id) if for_update else session.get(JobRun, run_id))
    if row is None or row.kind != JobKind.CONNECTIVITY:
        raise not_found("connectivity check")
    return row


async def check_draft(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, wanted: DraftCheckRequest
) -> JobRun:
    """Try a draft. Its secrets must be in the request: none that is stored is ever lent to it.

    Raises:
        Problem: an Actor or zone does not exist or is not the draft's, there is none to try from, or the
            mailbox's owner must consent first, which only a saved profile can ask for.
    """
    draft = wanted.profile
    if secret_rules.needs_consent(secret_rules.without_secrets(draft)):
        raise Problem(
            409,
            "gmail_consent_missing",
            "Google tells nothing of a mailbox before its owner consents: save the profile and authorize it.",
        )
    own = tuple(draft.actor_ids)
    actors = await _actors(session, wanted, own, "/profile/actor_ids", draft.security_zone_id)
    run = _run(lifecycle, draft.server_type, draft.email_address)
    run.configuration = secret_rules.without_secrets(draft)
    run.account = account_of(run)
    clear = json.dumps(secret_rules.given(draft))
    run.secrets_encrypted = vault.encrypt(clear, owner=secrets_owner(run.id))
    await add_run(session, lifecycle, run, actors)
    return run


async def check_profile(
    session: AsyncSession, lifecycle: Lifecycle, profile: EmailProfile, wanted: ProfileCheckRequest
) -> JobRun:
    """Try a saved profile as it stands, from its Actors or from others of its zone.

    Raises:
        Problem: an Actor or zone does not exist or is not the profile's, there is none to try from, or a
            consent is missing.
    """
    await secrets.refuse_missing_consent(session, profile)
    own = await session.scalars(
        select(ProfileActor.actor_id)
        .where(ProfileActor.profile_id == profile.id)
        .order_by(ProfileActor.position)
    )
    actors = await _actors(session, wanted, own.all(), "/actor_ids", profile.security_zone_id)
    run = _run(lifecycle, profile.server_type, profile.email_address)
    run.configuration, run.account = profile.configuration, account_of(profile)
    run.profile_id, run.revision = profile.id, profile.revision
    run.authenticated = profile.authenticated_revision == profile.revision
    await add_run(session, lifecycle, run, actors)
    return run


def _run(lifecycle: Lifecycle, server_type: str, email_address: str) -> JobRun:
    return JobRun(
        id=new_id(),
        kind=JobKind.CONNECTIVITY,
        server_type=server_type,
        email_address=email_address,
        configuration={},
        authenticated=False,
        state="running",
        started_at=lifecycle.now(),
    )


async def _actors(
    session: AsyncSession,
    wanted: DraftCheckRequest | ProfileCheckRequest,
    own: Sequence[UUID],
    own_pointer: str,
    limit: UUID | None,
) -> list[Actor]:
    """Find from where to try. ``limit``: the zone outside of which no Actor may have the profile's secrets."""
    if wanted.security_zone_id is not None and limit not in (None, wanted.security_zone_id):
        detail = "The profile is limited to another security zone."
        raise invalid_field("/security_zone_id", "not_possible", detail)
    if wanted.security_zone_id is not None or wanted.all:
        return await _actors_of_zone(session, wanted.security_zone_id or limit)
    ids = list(dict.fromkeys(wanted.actor_ids or own))
    if not ids:
        raise invalid_field("/actor_ids", "required", "Say from where: actor_ids, security_zone_id, or all.")
    rows = {row.id: row for row in await session.scalars(select(Actor).where(among(Actor.id, ids)))}
    pointer = "/actor_ids" if wanted.actor_ids else own_pointer
    errors = tuple(
        error
        for position, actor_id in enumerate(ids)
        if (error := unfit_actor(f"{pointer}/{position}", rows.get(actor_id), limit)) is not None
    )
    if errors:
        raise invalid_fields(errors)
    return [rows[actor_id] for actor_id in ids]


async def _actors_of_zone(session: AsyncSession, zone_id: UUID | None) -> list[Actor]:
    if zone_id is not None and await session.get(SecurityZone, zone_id) is None:
        raise invalid_field("/security_zone_id", "security_zone_not_found", "There is no zone with this id.")
    query = select(Actor).where(Actor.credential_hash.is_not(None)).order_by(Actor.name)
    if zone_id is not None:
        query = query.where(Actor.security_zone_id == zone_id)
    actors = list(await session.scalars(query.limit(_MOST_ACTORS + 1)))
    if not actors:
        raise Problem(409, "no_actors", "No Actor is enrolled there: enroll one, or choose others.")
    if len(actors) > _MOST_ACTORS:
        raise Problem(
            409, "too_many_actors", f"At most {_MOST_ACTORS} Actors try at once: name them in actor_ids."
        )
    return actors
