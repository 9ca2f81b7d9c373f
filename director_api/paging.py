"""Lists in pages: an opaque cursor that stays right while rows are added."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from director_api.field_errors import ApiModel
from director_api.problems import invalid_field

MAX_LIMIT = 200
T = TypeVar("T")


class Page(ApiModel, Generic[T]):
    """One page; ``next_cursor`` is null on the last."""

    items: list[T]
    next_cursor: str | None


class PageRequest(BaseModel):
    """Which page: how many rows, after which one."""

    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows on a page")] = 50
    cursor: Annotated[str | None, Query(max_length=128, description="next_cursor of the page before")] = None


def _encode(key: UUID) -> str:
    return base64.urlsafe_b64encode(key.bytes).decode().rstrip("=")


def _decode(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise invalid_field("/cursor", "invalid_value", "Pass next_cursor as it was given.") from error


async def page_of(
    session: AsyncSession, query: Select[Any], key: InstrumentedAttribute[UUID], page: PageRequest
) -> tuple[Sequence[Any], str | None]:
    """Run ``query`` for one page, ordered by ``key`` (ids sort by the time they were made)."""
    if page.cursor is not None:
        query = query.where(key > _decode(page.cursor))
    rows = (await session.scalars(query.order_by(key).limit(page.limit + 1))).all()
    if len(rows) <= page.limit:
        return rows, None
    rows = rows[: page.limit]
    return rows, _encode(getattr(rows[-1], key.key))
