"""Lists in pages: an opaque cursor that stays right while rows are added."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy import Select, Uuid, literal, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from director_api.database import UtcDateTime
from director_api.field_errors import ApiModel
from director_api.limits import MOST_PAGE_ITEMS
from director_api.problems import invalid_field

_ROWS = 50
T = TypeVar("T")


class Page(ApiModel, Generic[T]):
    """One page; ``next_cursor`` is null on the last."""

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: how many rows, after which one."""

    limit: int
    cursor: str | None = None


async def page_request(
    request: Request,
    limit: Annotated[
        int | None,
        Query(ge=1, le=MOST_PAGE_ITEMS, description=f"Rows on a page; {_ROWS} where nothing is said"),
    ] = None,
    cursor: Annotated[
        str | None, Query(max_length=2048, description="next_cursor of the page before")
    ] = None,
) -> PageRequest:
    """Read which page is wanted.

    Raises:
        Problem: it is larger than the Director's settings allow.
    """
    most = request.app.state.limits.page_items
    if limit is not None and limit > most:
        raise invalid_field("/limit", "out_of_range", f"At most {most} rows are given at once.")
    return PageRequest(limit or min(_ROWS, most), cursor)


ThePage = Annotated[PageRequest, Depends(page_request)]


@dataclass(frozen=True, slots=True)
class Order:
    """By what a list is ordered; rows that are alike in it are ordered by their ids."""

    column: InstrumentedAttribute[Any]
    descending: bool = False


def order_by(columns: Mapping[str, InstrumentedAttribute[Any]], sort: str) -> Order:
    """Return the order that ``sort`` asks for: a name of ``columns``, with ``-`` the other way round."""
    return Order(columns[sort.removeprefix("-")], descending=sort.startswith("-"))


async def page_of(
    session: AsyncSession,
    query: Select[Any],
    key: InstrumentedAttribute[UUID],
    page: PageRequest,
    *,
    order: Order | None = None,
    scope: object = "",
) -> tuple[Sequence[Any], str | None]:
    """Run ``query``, for entities, for one page, ordered by ``key`` (ids sort by the time they were made) or by ``order``.

    A page begins after the last row of the one before, so rows that are added move nothing. ``scope``:
    the filters of the list, to which its cursors are bound.

    Raises:
        Problem: the cursor is malformed, or of a list with another order or other filters.
    """
    paging = Paging(key, page, order or Order(key), scope)
    found = await session.scalars(paging.query(query))
    return paging.end(found.all())


@dataclass(frozen=True)
class Paging:
    """How one page is cut out of a list: see :func:`page_of`."""

    key: InstrumentedAttribute[UUID]
    page: PageRequest
    order: Order
    scope: object

    def query(self, query: Select[Any]) -> Select[Any]:
        """Let ``query`` read the page, and one row more where there is one. Raises as :func:`page_of` does."""
        columns, descending = self._columns, self.order.descending
        if self.page.cursor is not None:
            after, place = _decode(self.page.cursor, self._binding, columns), tuple_(*columns)
            query = query.where(place < after if descending else place > after)
        ordered = [column.desc() if descending else column for column in columns]
        return query.order_by(*ordered).limit(self.page.limit + 1)

    def end(self, rows: Sequence[T]) -> tuple[Sequence[T], str | None]:
        """Return the rows of the page among those that were read, and the cursor of the next page."""
        if len(rows) <= self.page.limit:
            return rows, None
        rows = rows[: self.page.limit]
        return rows, _encode(self._binding, [getattr(rows[-1], column.key) for column in self._columns])

    @property
    def _columns(self) -> tuple[InstrumentedAttribute[Any], ...]:
        return (self.key,) if self.order.column is self.key else (self.order.column, self.key)

    @cached_property
    def _binding(self) -> str:
        listed = (
            f"{self.key.class_.__tablename__}|{self.order.column.key}|{self.order.descending}|{self.scope!r}"
        )
        return hashlib.blake2b(listed.encode(), digest_size=8).hexdigest()


def _encode(binding: str, place: list[Any]) -> str:
    text = [value.isoformat() if isinstance(value, datetime) else str(value) for value in place]
    return base64.urlsafe_b64encode(json.dumps([binding, *text]).encode()).decode().rstrip("=")


def _decode(cursor: str, binding: str, columns: tuple[InstrumentedAttribute[Any], ...]) -> Any:
    try:
        bound, *text = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if bound != binding:
            raise invalid_field(
                "/cursor",
                "cursor_mismatch",
                "Pass a cursor with the filters and the sort that it was given for.",
            )
        values = [_value(column, part) for column, part in zip(columns, text, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise invalid_field("/cursor", "invalid_value", "Pass next_cursor as it was given.") from error
    return tuple_(*(literal(value, column.type) for column, value in zip(columns, values, strict=True)))


def _value(column: InstrumentedAttribute[Any], text: object) -> Any:
    if not isinstance(text, str):
        raise TypeError("not a text")
    if isinstance(column.type, Uuid):
        return UUID(text)
    if isinstance(column.type, UtcDateTime):
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if "\x00" in text:  # which PostgreSQL's text does not hold
        raise ValueError("not a text of the database")
    text.encode()  # raises UnicodeEncodeError, a ValueError, on half a surrogate pair
    return text
