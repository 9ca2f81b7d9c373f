"""Which profiles a list holds, and in which order."""

from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, select

from director_api.email_profiles.models import EmailProfile, ProfileActor
from director_api.email_profiles.schemas import AccountStatus
from director_api.fields import NO_NUL
from director_api.paging import Order, order_by

_COLUMNS = {
    "created_at": EmailProfile.id,  # ids are made in the order of time (RFC 9562, UUID version 7)
    "updated_at": EmailProfile.updated_at,
    "email_address": EmailProfile.email_address,
    "account_status": EmailProfile.account_status,
    "server_type": EmailProfile.server_type,
}


class ProfileSort(StrEnum):
    """What profiles may be sorted by; ``-`` turns the order round."""

    CREATED_AT = "created_at"
    CREATED_AT_DOWN = "-created_at"
    UPDATED_AT = "updated_at"
    UPDATED_AT_DOWN = "-updated_at"
    EMAIL_ADDRESS = "email_address"
    EMAIL_ADDRESS_DOWN = "-email_address"
    ACCOUNT_STATUS = "account_status"
    ACCOUNT_STATUS_DOWN = "-account_status"
    SERVER_TYPE = "server_type"
    SERVER_TYPE_DOWN = "-server_type"


class ProfileFilters(BaseModel):
    """Filters of the list; a profile must fit them all."""

    model_config = ConfigDict(frozen=True)

    status: Annotated[
        AccountStatus | None,
        Query(
            description="The account's status. With actor_id, verified and unverified are that Actor's own: "
            "actor_id=A and status=verified are the profiles that A may use"
        ),
    ] = None
    server_type: Annotated[Literal["imap", "pop3", "microsoft_graph", "gmail"] | None, Query()] = None
    security_zone_id: Annotated[UUID | None, Query(description="Limited to this zone")] = None
    actor_id: Annotated[UUID | None, Query(description="Profiles that this Actor is chosen for")] = None
    q: Annotated[
        str | None,
        Query(
            max_length=200,
            pattern=NO_NUL,
            description="Part of the address, mailbox, account, a host, the tenant or the note; case is ignored",
        ),
    ] = None
    sort: Annotated[ProfileSort, Query()] = ProfileSort.CREATED_AT

    def query(self) -> Select[Any]:
        """Return the statement for the profiles that fit."""
        found = select(EmailProfile)
        if self.server_type is not None:
            found = found.where(EmailProfile.server_type == self.server_type)
        if self.security_zone_id is not None:
            found = found.where(EmailProfile.security_zone_id == self.security_zone_id)
        if self.q:
            found = found.where(EmailProfile.search_text.contains(self.q.casefold(), autoescape=True))
        return self._of_actor(found)

    def order(self) -> Order:
        """Return the order that is asked for."""
        return order_by(_COLUMNS, self.sort)

    def _of_actor(self, found: Select[Any]) -> Select[Any]:
        by_actor = self.actor_id is not None and self.status is not AccountStatus.PARTIALLY_VERIFIED
        if self.status is not None and not by_actor:
            found = found.where(EmailProfile.account_status == self.status)
        if self.actor_id is None:
            return found
        chosen = select(ProfileActor.profile_id).where(ProfileActor.actor_id == self.actor_id)
        if self.status is not None and by_actor:
            chosen = chosen.where(ProfileActor.status == self.status)
        return found.where(EmailProfile.id.in_(chosen))
