"""The keys in the database: who holds one, what was answered, and that nothing is done twice.

A request holds its key by a row that is committed before anything else happens. The transaction that
does the work marks that row, so that the work and the mark are there together or not at all; it refuses
to commit when another request took the key over meanwhile. A Director that dies leaves a key that is
free again after :data:`LOCKED` where nothing was done, and a key that says so where it was.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Update, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from director_api.clock import Clock, new_id
from director_api.database import Database
from director_api.idempotency.models import IdempotencyKey
from director_api.problems import Problem

KEPT = timedelta(hours=24)
LOCKED = timedelta(seconds=120)
_FORGET_EVERY = timedelta(hours=1)
LONGEST_ANSWER = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with a key, by keyed hashes: of the caller and the key, and of all that was asked."""

    key_hash: bytes
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """A key that a request holds. :meth:`mark` belongs to each of its transactions."""

    asked: Asked
    attempt: UUID

    async def mark(self, session: AsyncSession) -> None:
        """Say that it is done, in the transaction that does it.

        Raises:
            Problem: another request has the key now; this transaction must not be committed.
        """
        own = _of(self).values(committed=True).returning(IdempotencyKey.attempt)
        if await session.scalar(own) is None:
            raise in_use()


class Keys:
    """Gives keys to requests, and earlier answers to those that repeat one."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._forget_at = clock() + _FORGET_EVERY

    async def hold(self, asked: Asked) -> Held | Answer:
        """Give the key to this request, or return the answer of the one that had it.

        Raises:
            Problem: the key is in use or was used for another request, or its answer is not kept.
        """
        held = Held(asked, new_id())
        async with self._database.write() as session:
            while not await self._insert(session, held):
                row = await session.get(IdempotencyKey, asked.key_hash, with_for_update=True)
                if row is None:
                    continue  # it was let go since
                if (answer := self._earlier(row, asked)) is not None:
                    return answer
                await session.execute(_row(asked).values(self._fresh(held)))
                break
        return held

    async def keep(self, held: Held, answer: Answer, *, issues: bool) -> None:
        """Keep an answer for who repeats the request; one that ``issues`` a secret is never stored."""
        if issues or len(answer.body) > LONGEST_ANSWER:
            stored: dict[str, object] = {"state": "issued" if issues else "too_long"}
        else:
            stored = {
                "state": "answered",
                "status": answer.status,
                "headers": [list(header) for header in answer.headers],
                "body": answer.body,
            }
        async with self._database.write() as session:
            await session.execute(_of(held).values(stored))

    async def release(self, held: Held) -> None:
        """Let go of the key of a request that failed; one that did its work all the same keeps it."""
        async with self._database.write() as session:
            await session.execute(_of(held).values(locked_until=self._clock()))
            await session.execute(
                delete(IdempotencyKey).where(*_is(held), IdempotencyKey.committed.is_(False))
            )

    async def forget_old(self) -> None:
        """Remove what has expired; at most once an hour, so that an idle Director stays idle."""
        now = self._clock()
        if self._forget_at > now:
            return
        self._forget_at = now + _FORGET_EVERY
        async with self._database.write() as session:
            await session.execute(delete(IdempotencyKey).where(IdempotencyKey.expires_at <= now))

    async def _insert(self, session: AsyncSession, held: Held) -> bool:
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        values = {"key_hash": held.asked.key_hash, **self._fresh(held)}
        made = insert(IdempotencyKey).values(values).on_conflict_do_nothing()
        return await session.scalar(made.returning(IdempotencyKey.attempt)) is not None

    def _earlier(self, row: IdempotencyKey, asked: Asked) -> Answer | None:
        """Return the earlier answer, or null where the key is free to be taken over."""
        now = self._clock()
        if row.expires_at <= now:
            return None
        if row.request_hash != asked.request_hash:
            raise _reused()
        if row.state == "answered" and row.status is not None:
            headers = tuple((name, value) for name, value in row.headers or ())
            return Answer(row.status, headers, row.body or b"")
        if row.state == "issued":
            raise _already_issued()
        if row.state == "running" and row.locked_until > now:
            raise in_use()
        if row.state == "too_long" or row.committed:
            raise _not_kept()
        return None

    def _fresh(self, held: Held) -> dict[str, object]:
        now = self._clock()
        return {
            "request_hash": held.asked.request_hash,
            "attempt": held.attempt,
            "state": "running",
            "committed": False,
            "locked_until": now + LOCKED,
            "expires_at": now + KEPT,
            "status": None,
            "headers": None,
            "body": None,
        }


def in_use() -> Problem:
    """Another request has the key and has not ended."""
    return Problem(
        409,
        "idempotency_key_in_use",
        "A request with this Idempotency-Key is being answered; repeat this one in a moment.",
        headers={"Retry-After": "1"},
    )


def _reused() -> Problem:
    return Problem(
        422,
        "idempotency_key_reused",
        "This Idempotency-Key was sent with another request; make a new key for each.",
    )


def _already_issued() -> Problem:
    return Problem(
        409,
        "already_issued",
        "This request was answered with a secret, which is shown once; make another with a new key.",
    )


def _not_kept() -> Problem:
    return Problem(
        409,
        "answer_not_kept",
        "This request was carried out, but its answer is not kept: read what it made or changed.",
    )


def _is(held: Held) -> tuple[ColumnElement[bool], ...]:
    return IdempotencyKey.key_hash == held.asked.key_hash, IdempotencyKey.attempt == held.attempt


def _of(held: Held) -> Update:
    return update(IdempotencyKey).where(*_is(held))


def _row(asked: Asked) -> Update:
    return update(IdempotencyKey).where(IdempotencyKey.key_hash == asked.key_hash)
