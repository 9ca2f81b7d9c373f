"""Writing the audit log: in the transaction of the change itself, so that neither is there alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID

from pydantic import BaseModel, SecretBytes, SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.audit.models import AuditEntry
from director_api.clock import new_id, utc_now
from director_api.request_ids import current_request_id

Change = Mapping[str, Any]
Changes = Mapping[str, Change]
SECRET: Final[Change] = {"secret": "changed"}


class CallerKind(StrEnum):
    """What kind of caller did it."""

    API_TOKEN = "api_token"  # noqa: S105  # the name of a kind
    OIDC_SUBJECT = "oidc_subject"
    ACTOR = "actor"
    MAILBOX_OWNER = "mailbox_owner"
    COMMAND_LINE = "command_line"
    DIRECTOR = "director"


@dataclass(frozen=True, slots=True)
class Who:
    """The one who did it, as the log names them."""

    kind: CallerKind
    id: str
    name: str


class HasWho(Protocol):
    """A caller of a route."""

    @property
    def who(self) -> Who:
        """Name the caller for the log."""


COMMAND_LINE: Final = Who(CallerKind.COMMAND_LINE, "command_line", "command line")


def record(
    session: AsyncSession,
    caller: HasWho | Who,
    action: str,
    subject_id: UUID | str,
    changes: Changes | None = None,
) -> None:
    """Add an entry to the caller's transaction.

    ``changes`` gives each field's ``old`` and ``new`` value, and for a secret :data:`SECRET` alone.
    """
    who = caller if isinstance(caller, Who) else caller.who
    session.add(
        AuditEntry(
            id=new_id(),
            at=utc_now(),
            caller_kind=who.kind,
            caller_id=who.id,
            caller_name=who.name,
            action=action,
            subject_id=str(subject_id),
            changes={name: dict(change) for name, change in (changes or {}).items()},
            request_id=current_request_id(),
        )
    )


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Change]:
    """Return what differs between two JSON documents, field by dotted field."""
    before, after = dict(_fields(old)), dict(_fields(new))
    return {
        name: {"old": before.get(name), "new": after.get(name)}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def secrets_given(model: BaseModel) -> dict[str, Change]:
    """Return a mark for each secret that a request gave, by dotted field; never the secret."""
    return dict.fromkeys(_secrets_in(model), SECRET)


def _fields(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield from _fields(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _secrets_in(model: BaseModel, prefix: str = "") -> Iterator[str]:
    for name, value in model:
        if isinstance(value, SecretStr | SecretBytes):
            yield prefix + name
        elif isinstance(value, BaseModel):
            yield from _secrets_in(value, f"{prefix}{name}.")
