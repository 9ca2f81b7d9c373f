"""How many checks may be at one mail server and at one mailbox at once, and who goes first.

What a person started goes before what a script did, and that before what a schedule did. One place in
four at a mail server is kept for people, so that no flood of other checks makes them wait.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from director_api.email_profiles.configured import Configured
from director_api.mail_settings.schemas import EmailActionSettings
from director_api.verifications.models import Check
from director_api.verifications.state_machine import CheckState

PERSON = 0
PRIORITIES = {"person": PERSON, "script": 1, "schedule": 2}
"""By the trigger of a verification; the lowest goes first."""
_KEPT_FOR_PEOPLE = 4
_LEASED = aliased(Check)


def host_of(mailbox: Configured) -> str | None:
    """Return the mail server that a check connects to; null for a cloud, which limits by mailbox."""
    incoming = mailbox.configuration.get("incoming")
    return None if incoming is None else str(incoming["host"])


def has_room(actions: EmailActionSettings) -> ColumnElement[bool]:
    """Return the condition that a queued check's mail server and mailbox admit one more."""
    at_host = actions.checks_per_host
    of_others = max(1, at_host - at_host // _KEPT_FOR_PEOPLE)
    return and_(
        or_(
            Check.mail_host.is_(None),
            and_(Check.priority == PERSON, Check.mail_host.not_in(_full(Check.mail_host, at_host))),
            and_(Check.priority != PERSON, Check.mail_host.not_in(_full(Check.mail_host, of_others))),
        ),
        or_(
            Check.account.is_(None),
            Check.account.not_in(_full(Check.account, actions.checks_per_mailbox)),
        ),
    )


async def takes_place(session: AsyncSession, check: Check, actions: EmailActionSettings) -> bool:
    """Tell whether ``check`` may go now. The places stay as they are until the transaction ends.

    So two Directors do not both give the last place. Neither waits for the other: whoever comes second
    is told no, and looks again soon.
    """
    names = [name for name in (check.mail_host, check.account) if name is not None]
    return await _held(session, names) and await is_there(session, check, actions)


async def is_there(session: AsyncSession, check: Check, actions: EmailActionSettings) -> bool:
    """Tell whether the mail server and the mailbox of a queued check admit one more at this moment."""
    found = await session.scalar(select(Check.id).where(Check.id == check.id, has_room(actions)))
    return found is not None


def _full(column: InstrumentedAttribute[Any], limit: int) -> Any:
    name = getattr(_LEASED, column.key)
    return (
        select(name)
        .where(_LEASED.state == CheckState.LEASED, name.is_not(None))
        .group_by(name)
        .having(func.count() >= limit)
    )


async def _held(session: AsyncSession, names: list[str]) -> bool:
    if session.get_bind().dialect.name == "sqlite" or not names:
        return True  # SQLite has one writer at a time
    locks = [func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)) for name in names]
    return all((await session.execute(select(*locks))).one())
