"""The tables of email profiles, their secrets, their Actors, and the code of the manual mode."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class EmailProfile(Base):
    """A profile. ``configuration`` holds what depends on the server type, save secrets.

    ``revision`` counts changes that a check depends on, ``version`` counts every change. A login
    that worked is remembered by the revision that it worked with.
    """

    __tablename__ = "email_profile"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int]
    revision: Mapped[int]
    authenticated_revision: Mapped[int | None]
    server_type: Mapped[str]
    email_address: Mapped[str]
    security_zone_id: Mapped[UUID | None] = mapped_column(ForeignKey("security_zone.id"), index=True)
    send_verification_manually: Mapped[bool]
    configuration: Mapped[dict[str, Any]]
    client_secret_expires_at: Mapped[datetime | None]
    reverify_every_hours: Mapped[int | None]
    note: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ProfileSecret(Base):
    """One secret of a profile, encrypted. ``path`` is its field, such as ``account.password``."""

    __tablename__ = "profile_secret"

    profile_id: Mapped[UUID] = mapped_column(
        ForeignKey("email_profile.id", ondelete="CASCADE"), primary_key=True
    )
    path: Mapped[str] = mapped_column(primary_key=True)
    encrypted: Mapped[bytes]
    changed_at: Mapped[datetime]


class ProfileActor(Base):
    """One Actor of a profile and what its last check of the present revision came to."""

    __tablename__ = "profile_actor"
    __table_args__ = (
        CheckConstraint("status IN ('verified', 'unverified')", name="status"),
        Index("ix_profile_actor_actor_id", "actor_id"),
    )

    profile_id: Mapped[UUID] = mapped_column(
        ForeignKey("email_profile.id", ondelete="CASCADE"), primary_key=True
    )
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actor.id"), primary_key=True)
    position: Mapped[int]
    status: Mapped[str]
    failure_code: Mapped[str | None]
    checked_at: Mapped[datetime | None]


class ManualCode(Base):
    """The code of a profile in manual mode, encrypted, and the locators of those before it."""

    __tablename__ = "manual_code"

    profile_id: Mapped[UUID] = mapped_column(
        ForeignKey("email_profile.id", ondelete="CASCADE"), primary_key=True
    )
    encrypted: Mapped[bytes]
    earlier_locators: Mapped[list[Any]]
    created_at: Mapped[datetime]
