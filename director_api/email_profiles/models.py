"""The tables of email profiles, their secrets, their Actors, and the code of the manual mode."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class EmailProfile(Base):
    """A profile. ``configuration`` holds what depends on the server type, save secrets.

    ``revision`` counts changes that a check depends on, ``version`` counts every change. A login
    that worked is remembered by the revision that it worked with. ``account_status`` and
    ``search_text`` repeat what other columns say, so that lists filter cheaply.
    ``next_verification_at`` is when the schedule is due, ``schedule_problem`` the code of what kept it
    from starting, ``secret_notice_at`` when an event about the secret's expiry is due.
    """

    __tablename__ = "email_profile"
    __table_args__ = (
        CheckConstraint(
            "account_status IN ('verified', 'partially_verified', 'unverified')", name="account_status"
        ),
        Index("ix_email_profile_email_address_id", "email_address", "id"),
        Index("ix_email_profile_updated_at_id", "updated_at", "id"),
        Index("ix_email_profile_account_status_id", "account_status", "id"),
        Index("ix_email_profile_server_type_id", "server_type", "id"),
        *(
            Index(
                f"ix_email_profile_{column}",
                column,
                sqlite_where=text(f"{column} IS NOT NULL"),
                postgresql_where=text(f"{column} IS NOT NULL"),
            )
            for column in ("next_verification_at", "secret_notice_at")
        ),
    )

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
    secret_notice_at: Mapped[datetime | None]
    reverify_every_hours: Mapped[int | None]
    next_verification_at: Mapped[datetime | None]
    schedule_problem: Mapped[str | None]
    note: Mapped[str]
    account_status: Mapped[str] = mapped_column(server_default="unverified")
    search_text: Mapped[str] = mapped_column(server_default="")
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
