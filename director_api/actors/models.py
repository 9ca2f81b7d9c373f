"""The tables of Actors and enrollment tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class Actor(Base):
    """An agent on a VM. ``credential_hash`` null: revoked, to be enrolled again.

    ``told_online``: what the last event said of it. ``asked``: what its polls are still to be answered
    with, and ``ask_at`` when; ``stopped``: it said goodbye. The ``next_`` credential takes the place of
    the present one when it is first used, so that an answer that gets lost shuts nobody out.
    """

    __tablename__ = "actor"
    __table_args__ = (
        Index(
            "ix_actor_ask_at",
            "ask_at",
            sqlite_where=text("ask_at IS NOT NULL"),
            postgresql_where=text("ask_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    security_zone_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_zone.id"), index=True)
    credential_hash: Mapped[bytes | None] = mapped_column(unique=True)
    public_key: Mapped[dict[str, Any]]
    version: Mapped[str]
    capabilities: Mapped[list[Any]]
    interfaces: Mapped[list[Any]]
    addresses: Mapped[list[Any]]
    draining: Mapped[bool]
    last_seen_at: Mapped[datetime | None]
    poll_seconds: Mapped[int] = mapped_column(default=60, server_default="60")
    paused: Mapped[bool] = mapped_column(default=False, server_default=false())
    stopped: Mapped[bool] = mapped_column(default=False, server_default=false())
    asked: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    ask_at: Mapped[datetime | None]
    self_diagnosis: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    self_diagnosed_at: Mapped[datetime | None]
    next_credential_hash: Mapped[bytes | None] = mapped_column(unique=True)
    next_public_key: Mapped[dict[str, Any] | None]
    told_online: Mapped[bool] = mapped_column(default=False, server_default=false())
    enrolled_at: Mapped[datetime]
    created_at: Mapped[datetime]


class EnrollmentToken(Base):
    """A one-time right to enroll: into a zone, maybe under a name, maybe in place of an Actor.

    ``used_by`` and ``used_key`` let the same Actor with the same key repeat an enrollment whose
    answer got lost, until its first poll.
    """

    __tablename__ = "enrollment_token"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    name: Mapped[str | None]
    security_zone_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_zone.id", ondelete="CASCADE"))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actor.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_by: Mapped[UUID | None]
    used_key: Mapped[str | None]
    created_at: Mapped[datetime]
