"""Finding what an Actor's lease is about: a check or a job without mail, which report alike."""

from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from director_api.actor_protocol import reporting
from director_api.actor_protocol.roster import ActorIdentity
from director_api.jobs.reporting import job_hold
from director_api.problems import Problem
from director_api.vault import Vault
from director_api.verifications.lifecycle import Lifecycle
from wire_contract.results import LeaseRenewed, LeaseUpdate, Result, ResultRecorded


class Hold(Protocol):
    """A lease of the calling Actor. Each method works within the caller's transaction."""

    async def renew(self, update: LeaseUpdate) -> LeaseRenewed:
        """Prolong it and store what happened so far; one that no longer holds is called off."""

    async def hand_back(self, update: LeaseUpdate) -> None:
        """Take the job back until a later look. Raises Problem ``lease_superseded``."""

    async def record(self, result: Result) -> ResultRecorded | Problem:
        """Record how the job ended. Returns Problem ``lease_superseded``, with which the transaction still
        commits what the result tells of logins. Raises Problem for a result of another kind.
        """


async def held(
    session: AsyncSession, vault: Vault, lifecycle: Lifecycle, actor: ActorIdentity, lease_id: UUID
) -> Hold:
    """Return the Actor's own lease; another's does not exist for it.

    Raises:
        Problem: there is no such lease, or it is not this Actor's.
    """
    hold: Hold | None = await reporting.check_hold(session, vault, lifecycle, actor, lease_id)
    hold = hold or await job_hold(session, lifecycle, actor, lease_id)
    if hold is None:
        raise Problem(404, "lease_not_found", "There is no lease with this id.")
    return hold
