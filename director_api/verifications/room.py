"""How many checks may be at one mail server and at one mailbox at once, and who goes first.

A check whose secret did not work yet needs one of the account's logins too, see budget.

What a person started goes before what a script did, and that before what a schedule did. One place in
four at a mail server is kept for people, so that no flood of other checks makes them wait.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from director_api.among import one_of
from director_api.email_profiles.configured import Configured
from director_api.mail_settings.schemas import EmailActionSettings
from director_api.verifications.budget import HAS_LOGIN, Logins
from director_api.verifications.logins import counted_since
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


def room_by(actions: EmailActionSettings, now: datetime) -> dict[str, int | datetime]:
    """Return what :data:`HAS_ROOM` is to be given."""
    per_host = actions.checks_per_host
    return {
        "per_host": per_host,
        "per_host_of_others": _of_others(per_host),
        "per_mailbox": actions.checks_per_mailbox,
        "since": counted_since(now),
    }


class Places:
    """The places at some mail servers and mailboxes, as one transaction may give them.

    The places that it holds (see :func:`held`) stay as they are until it ends, so two Directors do not both
    give the last one. Neither waits for the other: whoever comes second is told no, and looks again soon.

    ``taken``: how many are taken of each that is held. ``logins``: those of each account that is held.
    """

    def __init__(
        self, actions: EmailActionSettings, taken: dict[str, int], logins: dict[str, Logins]
    ) -> None:
        self._actions = actions
        self._taken = taken
        self._logins = logins

    def take(self, check: Check, *, proven: bool) -> bool:
        """Take the place that ``check`` needs, where there is one. Returns whether there was.

        ``proven``: its login has worked before, so it spends none.
        """
        if check.account is not None and not proven and self._has_no_login(check.account):
            return False
        per_host = self._actions.checks_per_host
        at_host = per_host if check.priority == PERSON else _of_others(per_host)
        limits = {check.mail_host: at_host, check.account: self._actions.checks_per_mailbox}
        needed = {name: limit for name, limit in limits.items() if name is not None}
        if any(self._taken.get(name, limit) >= limit for name, limit in needed.items()):
            return False
        for name in needed:
            self._taken[name] += 1
        if check.account is not None and not proven:
            logins = self._logins[check.account]
            self._logins[check.account] = logins._replace(under_way=logins.under_way + 1)
        return True

    def _has_no_login(self, account: str) -> bool:
        return account not in self._logins or self._logins[account].are_taken


class held(FunctionElement[bool]):  # noqa: N801  # it stands in statements as a function does
    """Hold the places at ``column`` until the transaction ends: true unless another gives them at this moment."""

    inherit_cache = True

    def __init__(self, column: InstrumentedAttribute[str | None] | ColumnElement[str]) -> None:
        super().__init__(column)


@compiles(held)
def _locked(element: held, compiler: SQLCompiler, **options: Any) -> str:
    return f"pg_try_advisory_xact_lock(hashtextextended({compiler.process(element.clauses, **options)}, 0))"


@compiles(held, "sqlite")
def _alone(element: held, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ARG001  # as it is called
    return "1"  # SQLite has one writer at a time


async def hold(session: AsyncSession, account: str) -> bool:
    """Hold the places at an account as :class:`held` does, for who gives none of :class:`Places`."""
    return bool(await session.scalar(select(held(literal(account)))))


async def is_there(session: AsyncSession, check: Check, actions: EmailActionSettings, now: datetime) -> bool:
    """Tell whether the mail server and the mailbox of a queued check admit one more at this moment."""
    there = select(Check.id).where(Check.id == check.id, HAS_ROOM)
    return await session.scalar(there, room_by(actions, now)) is not None


def _of_others(per_host: int) -> int:
    return max(1, per_host - per_host // _KEPT_FOR_PEOPLE)


def _full(column: InstrumentedAttribute[Any], limit: str) -> Any:
    name = getattr(_LEASED, column.key)
    return (
        select(name)
        .where(one_of(_LEASED.state, CheckState.LEASED), name.is_not(None))
        .group_by(name)
        .having(func.count() >= bindparam(limit, type_=Integer()))
    )


HAS_ROOM = and_(
    or_(
        Check.mail_host.is_(None),
        and_(Check.priority == PERSON, Check.mail_host.not_in(_full(Check.mail_host, "per_host"))),
        and_(Check.priority != PERSON, Check.mail_host.not_in(_full(Check.mail_host, "per_host_of_others"))),
    ),
    or_(
        Check.account.is_(None),
        Check.account.not_in(_full(Check.account, "per_mailbox")),
    ),
    HAS_LOGIN,
)
"""The condition that a queued check's mail server, mailbox and account admit one more: see :func:`room_by`."""
