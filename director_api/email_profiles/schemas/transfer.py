"""Profiles on their way from one Director, or from a table, to another."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from director_api.email_profiles.schemas.clouds import GmailProfileWrite, GraphProfileWrite
from director_api.email_profiles.schemas.mail_servers import ImapProfileWrite, Pop3ProfileWrite
from director_api.field_errors import ApiModel


class ImapProfileExport(ImapProfileWrite):
    """A profile of type ``imap`` as it can be imported, without its secrets."""


class Pop3ProfileExport(Pop3ProfileWrite):
    """A profile of type ``pop3`` as it can be imported, without its secrets."""


class GraphProfileExport(GraphProfileWrite):
    """A profile of type ``microsoft_graph`` as it can be imported, without its secrets."""


class GmailProfileExport(GmailProfileWrite):
    """A profile of type ``gmail`` as it can be imported, without its secrets."""


ProfileExport = Annotated[
    ImapProfileExport | Pop3ProfileExport | GraphProfileExport | GmailProfileExport,
    Field(discriminator="server_type"),
]


class ImportedProfile(ApiModel):
    """One profile that an import made."""

    id: UUID
    email_address: str


class ImportRead(ApiModel):
    """The profiles that an import made, in the order of the request."""

    created: int
    items: list[ImportedProfile]
