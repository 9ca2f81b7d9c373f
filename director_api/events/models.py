"""The tables of the event log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class Event(Base):
    """Something that happened. ``position`` null: committed, and not published yet.

    ``made`` counts the rows as PostgreSQL took them in, whatever the clocks of Directors say. SQLite has one
    Director, whose ids are in that order already: there it is null.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_position", "position", unique=True),
        Index(
            "ix_event_unpublished",
            "made",
            "id",
            sqlite_where=text("position IS NULL"),
            postgresql_where=text("position IS NULL"),
        ),
        Index("ix_event_created_at", "created_at"),
    )
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012  # SQLAlchemy's way; nobody asks for ``made``

    id: Mapped[UUID] = mapped_column(primary_key=True)
    made: Mapped[int | None] = mapped_column(BigInteger, Identity())
    position: Mapped[int | None] = mapped_column(BigInteger)
    type: Mapped[str]
    profile_id: Mapped[UUID | None]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class EventFeedState(Base):
    """The only row: the last position that was given, and the last that retention took away."""

    __tablename__ = "event_feed_state"
    __table_args__ = (CheckConstraint("id = 1", name="only"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_position: Mapped[int] = mapped_column(BigInteger)
    purged_position: Mapped[int] = mapped_column(BigInteger)
