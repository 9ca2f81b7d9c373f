"""The route of presets."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from director_api.access.callers import Viewer
from director_api.access.roles import Role
from director_api.dependencies import TheLifecycle, ThePresence, TheWakeups
from director_api.fields import EmailAddress
from director_api.holding import held
from director_api.problems import Problem, invalid_field, responses
from director_api.provider_presets.known import PROVIDERS, by_domain
from director_api.provider_presets.presets import of_provider
from director_api.provider_presets.schemas import ProviderPresets
from director_api.provider_presets.service import look_up_of, start_look_up
from director_api.wakeups import job_run_topic

router = APIRouter(tags=["Provider presets"], responses=responses(401, 403, 409, 422))
_LOOK_UP_SECONDS = 30.0
Address = Annotated[EmailAddress | None, Query(description="Whose servers are wanted")]
Zone = Annotated[UUID | None, Query(description="Let an Actor of this zone look the domain up")]
ActorId = Annotated[UUID | None, Query(description="Let this Actor look the domain up")]


@router.get("/provider-presets")
async def provider_presets(
    caller: Viewer,
    request: Request,
    lifecycle: TheLifecycle,
    presence: ThePresence,
    wakeups: TheWakeups,
    address: Address = None,
    security_zone_id: Zone = None,
    actor_id: ActorId = None,
) -> ProviderPresets:
    """Return what to fill in for an address: of a known provider, else as the address's domain says.

    The domain is asked by an Actor (its autoconfiguration file, SRV and MX records) where one or a zone
    is named, which takes the operator's role. The answer is held for that, for 30 s at most.
    """
    if address is None:
        return ProviderPresets(address=None, items=[of_provider(known) for known in PROVIDERS], look_up=None)
    provider = by_domain(address.rpartition("@")[2])
    if provider is not None or (security_zone_id is None and actor_id is None):
        items = [] if provider is None else [of_provider(provider)]
        return ProviderPresets(address=address, items=items, look_up=None)
    if not caller.may(Role.OPERATOR):
        raise Problem(
            403,
            "role_required",
            f"A look-up needs the role {Role.OPERATOR}; the token's role is {caller.role}.",
        )
    if security_zone_id is not None and actor_id is not None:
        raise invalid_field("/actor_id", "invalid_value", "Give security_zone_id or actor_id, not both.")
    database = request.app.state.database
    async with database.write() as session:
        run_id = await start_look_up(
            session, lifecycle, presence, address, actor_id=actor_id, zone_id=security_zone_id
        )
    items, look_up, _ = await held(
        database,
        wakeups,
        job_run_topic(run_id),
        lambda session: look_up_of(session, run_id),
        lambda found: found[2],
        _LOOK_UP_SECONDS,
    )
    return ProviderPresets(address=address, items=items, look_up=look_up)
