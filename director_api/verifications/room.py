"""How many checks may be at one mail server and at one mailbox at once, and who goes first.

What a person started goes before what a script did, and that before what a schedule did. One place in
four at a mail server is kept for people, so that no flood of other checks makes them wait.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from director_api.among import among
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
    at_host, of_others = actions.checks_per_host, _of_others(actions)
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


class Places:
    """The places that are left at some mail servers and mailboxes, as one transaction may give them.

    The places stay as they are until it ends, so two Directors do not both give the last one. Neither
    waits for the other: whoever comes second is told no, and looks again soon.
    """

    def __init__(self, actions: EmailActionSettings, held: Collection[str], taken: Counter[str]) -> None:
        self._actions = actions
        self._held = held
        self._taken = taken

    def take(self, check: Check) -> bool:
        """Take the place that ``check`` needs, where there is one. Returns whether there was."""
        names = _names(check)
        limits = {
            check.mail_host: _at_host(self._actions, check),
            check.account: self._actions.checks_per_mailbox,
        }
        if any(name not in self._held or self._taken[name] >= limits[name] for name in names):
            return False
        self._taken.update(names)
        return True


async def places(session: AsyncSession, checks: Iterable[Check], actions: EmailActionSettings) -> Places:
    """Hold and count the places that ``checks`` may need."""
    names = {name for check in checks for name in _names(check)}
    held = await _held(session, names)
    taken: Counter[str] = Counter()
    for column in (Check.mail_host, Check.account):
        rows = await session.execute(
            select(column, func.count())
            .where(Check.state == CheckState.LEASED, among(column, held))
            .group_by(column)
        )
        taken.update({name: count for name, count in rows if name is not None})
    return Places(actions, held, taken)


async def is_there(session: AsyncSession, check: Check, actions: EmailActionSettings) -> bool:
    """Tell whether the mail server and the mailbox of a queued check admit one more at this moment."""
    found = await session.scalar(select(Check.id).where(Check.id == check.id, has_room(actions)))
    return found is not None


def _of_others(actions: EmailActionSettings) -> int:
    at_host = actions.checks_per_host
    return max(1, at_host - at_host // _KEPT_FOR_PEOPLE)


def _at_host(actions: EmailActionSettings, check: Check) -> int:
    return actions.checks_per_host if check.priority == PERSON else _of_others(actions)


def _full(column: InstrumentedAttribute[Any], limit: int) -> Any:
    name = getattr(_LEASED, column.key)
    return (
        select(name)
        .where(_LEASED.state == CheckState.LEASED, name.is_not(None))
        .group_by(name)
        .having(func.count() >= limit)
    )


def _names(check: Check) -> list[str]:
    return [name for name in (check.mail_host, check.account) if name is not None]


async def _held(session: AsyncSession, names: set[str]) -> Collection[str]:
    """Return those of ``names`` whose places nobody else gives at this moment."""
    if session.get_bind().dialect.name == "sqlite" or not names:
        return names  # SQLite has one writer at a time
    name = func.unnest(bindparam("names", sorted(names), ARRAY(Text))).column_valued("name")
    locked = func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0))
    rows = await session.execute(select(name, locked))
    return {each for each, is_held in rows if is_held}
