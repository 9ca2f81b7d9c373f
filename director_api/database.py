"""The database: engine, sessions, and the one place where a transaction is committed."""

import asyncio
import secrets
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4
from weakref import WeakSet

import asyncpg
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    ExceptionContext,
    MetaData,
    Text,
    TypeDecorator,
    Uuid,
    bindparam,
    event,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

_AFTER_COMMIT = "after_commit"
_SIGNALS = "signals"
_PAYLOAD_CHARACTERS = 7900
"""PostgreSQL takes less than 8000 bytes; signals are ASCII."""
CHANNEL = "director"
_BUSY_MILLISECONDS = 30_000
_CONNECTIONS = 15
"""At most, and kept: opening one costs PostgreSQL a process and here the time of ten statements."""
_ELSEWHERE = ("25006", "57P01", "57P02", "57P03")
"""SQLSTATEs of a server that only reads, as one that was demoted does, that stops or that starts: a new
connection may lead to the server that took its place."""
_UNAVAILABLE = (*_ELSEWHERE, "53")
"""What SQLSTATEs of no defect of a query begin with; class 53: no disk, memory or connections left."""
_CAN_WRITE = "SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean"
COMMAND_SECONDS = 30.0
"""How long a Director waits for a statement: a connection can fall silent without ever breaking."""
_CONNECT_SECONDS = 10.0
_POOL_SECONDS = 5.0
"""How long is waited for a connection while all are in use; more waiters would only wait longer."""
_CLOSE_SECONDS = 5.0
T = TypeVar("T")
AtCommit = Callable[["AsyncSession"], Awaitable[None]]
_at_commit: ContextVar[AtCommit | None] = ContextVar("at_commit", default=None)


class DatabaseUnavailable(Exception):  # noqa: N818  # it says what is the matter, not who is to blame
    """The database server can't be reached, takes no connections at present, or only reads."""


def is_unavailable(error: Exception) -> bool:
    """Tell whether ``error`` says that the database is away or has no room, which is no defect of a query."""
    if isinstance(error, DBAPIError):
        away = error.connection_invalidated or isinstance(error.orig, sqlite3.OperationalError)
        return away or _state_of(error.orig).startswith(_UNAVAILABLE)
    return isinstance(error, DatabaseUnavailable | PoolTimeoutError)


def _state_of(error: BaseException | None) -> str:
    return getattr(error, "sqlstate", None) or ""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no time zone, so it is taken off and put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; refuse a moment without a time zone, whose meaning nobody knows."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Read UTC, which is what asyncpg gives: there nothing is called for each of many values."""
        return super().result_processor(dialect, coltype) if dialect.name == "sqlite" else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # the library's name
        """Put back the time zone that SQLite does not keep."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The base of every table. Constraints have predictable names, so that errors can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads this plain attribute
        UUID: Uuid(),
        datetime: UtcDateTime(),
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[Any]: JSON().with_variant(JSONB(), "postgresql"),
    }


class Database:
    """Sessions for reading and for writing.

    A writing transaction begins as a writer: SQLite then waits at ``BEGIN`` in place of failing in
    the middle. Within one process SQLite's writers queue here, where waiting costs no polling.
    A statement on a server may take ``command_seconds``; null, as for a migration: however long.
    """

    def __init__(self, url: str, *, pooled: bool = False, command_seconds: float | None = None) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.on_signal: Callable[[str], None] = lambda _: None
        self.origin = secrets.token_hex(8)
        """What this Director's notifications begin with, so that it does not hear itself."""
        self.engine = _create_sqlite(url) if self.is_sqlite else _create_engine(url, command_seconds, pooled)
        self._servers: WeakSet[Any] = WeakSet()
        if not self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", self._opened)
        self.writer = self.engine.execution_options(director_writes=True)
        # Each statement of a reader sees what is committed, within a transaction or not: without one, BEGIN
        # and ROLLBACK are saved. A pooler in transaction mode needs one, to prepare and run on one server.
        alone = {} if self.is_sqlite or pooled else {"isolation_level": "AUTOCOMMIT"}
        self._reader = self.engine.execution_options(**alone)
        self._readers = async_sessionmaker(self._reader, expire_on_commit=False)
        self._writers = async_sessionmaker(self.writer, expire_on_commit=False)
        self._one_writer: AbstractAsyncContextManager[object] = (
            asyncio.Lock() if self.is_sqlite else nullcontext()
        )

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Give a session that only reads."""
        async with self._readers() as session:
            yield session

    def connection(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Give a connection that only reads rows: what a session knows of entities costs time."""
        return self._reader.connect()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Give a session and commit it at the end; what was put by for after the commit runs then."""
        async with self._one_writer, self._writers() as session, session.begin():
            yield session
            if (last := _at_commit.get()) is not None:
                await last(session)
            await self._notify(session)
        for callback in session.info.get(_AFTER_COMMIT, ()):
            callback()
        for text in session.info.get(_SIGNALS, ()):
            self.on_signal(text)

    async def _notify(self, session: AsyncSession) -> None:
        """Tell other Directors; the server delivers it with the commit, and never without."""
        texts = [text for text, everywhere in session.info.get(_SIGNALS, {}).items() if everywhere]
        if texts and not self.is_sqlite:
            payloads = list(_payloads(self.origin, texts))
            await session.execute(
                select(func.pg_notify(CHANNEL, func.unnest(bindparam("payloads", payloads, ARRAY(Text)))))
            )

    async def require_writable(self) -> None:
        """Ask whether the database answers and can be written to.

        Raises:
            Exception: it does not answer, or only reads; it is then connected to anew.
        """
        async with self.connection() as connection:
            answer = await connection.exec_driver_sql("SELECT 1" if self.is_sqlite else _CAN_WRITE)
            if not answer.scalar_one():
                await connection.invalidate()
                raise DatabaseUnavailable("it only reads")

    async def close(self) -> None:
        """Close every connection; one that is silent is waited for no longer than a few seconds."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self.engine.dispose()
        except TimeoutError:
            for connection in tuple(self._servers):
                connection.terminate()

    def _opened(self, connection: Any, _entry: ConnectionPoolEntry) -> None:
        self._servers.add(connection.driver_connection)


@contextmanager
def at_each_commit(last: AtCommit) -> Iterator[None]:
    """Let ``last`` be a part of every transaction that is begun within this block's context; it may refuse."""
    token = _at_commit.set(last)
    try:
        yield
    finally:
        _at_commit.reset(token)


def after_commit(session: AsyncSession, callback: Callable[[], None]) -> None:
    """Run ``callback`` once the session's transaction is durable, and never if it is not."""
    session.info.setdefault(_AFTER_COMMIT, []).append(callback)


def signal(session: AsyncSession, text: str, *, everywhere: bool = False) -> None:
    """Tell ``text`` once the session's transaction is durable; repeating it is free.

    It is told within this process, and with ``everywhere`` to every Director on the same PostgreSQL.
    """
    signals = session.info.setdefault(_SIGNALS, {})
    signals[text] = everywhere or signals.get(text, False)


def _payloads(origin: str, texts: list[str]) -> Iterator[str]:
    """Join signals into as few notifications as fit."""
    payload = origin
    for text in texts:
        if len(payload) + len(text) >= _PAYLOAD_CHARACTERS:
            yield payload
            payload = origin
        payload += "\n" + text
    yield payload


def _create_engine(url: str, command_seconds: float | None, pooled: bool) -> AsyncEngine:
    arguments: dict[str, Any] = {"command_timeout": command_seconds, "timeout": _CONNECT_SECONDS}
    if pooled:
        # A pooler in transaction mode gives each transaction another server connection, which knows no
        # statement that was prepared before; unnamed ones would clash with those of other clients.
        arguments |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: f"__director_{uuid4()}__",
        }
        engine = create_async_engine(url, poolclass=NullPool, connect_args=arguments, hide_parameters=True)
    else:
        kept = {"pool_size": _CONNECTIONS, "max_overflow": 0, "pool_timeout": _POOL_SECONDS}
        engine = create_async_engine(url, connect_args=arguments, hide_parameters=True, **kept)
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
    event.listen(engine.sync_engine, "do_connect", _connect)
    event.listen(engine.sync_engine, "handle_error", _give_up)
    return engine


def _create_sqlite(url: str) -> AsyncEngine:
    engine = create_async_engine(url, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _refuse_closed(connection: Any, _entry: ConnectionPoolEntry, _proxy: object) -> None:
    """Let the pool replace a connection that the server closed, as when it was started anew.

    The driver has heard of that already, so unlike a statement that tries it, this costs nothing.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _connect(
    dialect: Dialect, _entry: ConnectionPoolEntry, arguments: tuple[Any, ...], named: dict[str, Any]
) -> Any:
    try:
        return dialect.connect(*arguments, **named)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:  # a time-out is an OSError
        raise DatabaseUnavailable(type(error).__name__) from error


def _give_up(context: ExceptionContext) -> None:
    """Let the pool connect anew where the server at the other end is not the one to ask any more.

    A connection that fell silent seldom did so alone: none of before is used again.
    """
    error = context.original_exception
    silent = isinstance(error, OSError)  # a time-out is one; the driver's own errors are not
    if silent or _state_of(error) in _ELSEWHERE:
        context.is_disconnect = True
    if silent:
        raise DatabaseUnavailable(type(error).__name__)


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    # The driver's own transaction handling begins late and commits early; BEGIN is ours below.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("director_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


__all__ = [
    "Base",
    "Database",
    "Engine",
    "UtcDateTime",
    "after_commit",
    "at_each_commit",
    "signal",
]
