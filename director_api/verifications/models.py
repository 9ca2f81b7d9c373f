"""The tables of verifications, checks, leases and failed logins."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class Verification(Base):
    """One run over a profile. At most one runs for each profile: the database sees to it."""

    __tablename__ = "verification"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'finished', 'cancelled')", name="state"),
        CheckConstraint("(state = 'running') = (finished_at IS NULL)", name="finished_at"),
        Index(
            "uq_verification_running",
            "profile_id",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        Index("ix_verification_profile_id_id", "profile_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("email_profile.id", ondelete="CASCADE"))
    revision: Mapped[int]
    trigger: Mapped[str]
    manual: Mapped[bool]
    state: Mapped[str]
    outcome: Mapped[str | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Check(Base):
    """One Actor's part of a verification.

    ``priority``, ``mail_host`` and ``account``: see room. ``look_at``: while it is queued, when the Actor may take it. ``deadline_at``: when the sweep must
    look at it next; null once it has ended.
    """

    __tablename__ = "check"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'leased', 'verified', 'unverified', 'cancelled')", name="state"),
        CheckConstraint("mail IN ('none', 'queued', 'sent', 'deferred', 'failed')", name="mail"),
        CheckConstraint("(state = 'unverified') = (failure_code IS NOT NULL)", name="failure_code"),
        CheckConstraint("(state = 'leased') = (lease_id IS NOT NULL)", name="lease"),
        CheckConstraint("(state IN ('queued', 'leased')) = (ended_at IS NULL)", name="ended_at"),
        Index("ix_check_verification_id", "verification_id"),
        Index(
            "ix_check_queued",
            "actor_id",
            "look_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_check_turn",
            "actor_id",
            "priority",
            "look_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        *(
            Index(
                f"ix_check_leased_{column}",
                column,
                sqlite_where=text("state = 'leased'"),
                postgresql_where=text("state = 'leased'"),
            )
            for column in ("mail_host", "account")
        ),
        Index(
            "ix_check_deadline_at",
            "deadline_at",
            sqlite_where=text("deadline_at IS NOT NULL"),
            postgresql_where=text("deadline_at IS NOT NULL"),
        ),
        Index(
            "ix_check_leased_profile_id",
            "profile_id",
            sqlite_where=text("state = 'leased'"),
            postgresql_where=text("state = 'leased'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    verification_id: Mapped[UUID] = mapped_column(ForeignKey("verification.id", ondelete="CASCADE"))
    profile_id: Mapped[UUID]
    actor_id: Mapped[UUID]
    actor_name: Mapped[str]
    actor_zone_id: Mapped[UUID | None]
    revision: Mapped[int]
    position: Mapped[int]
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    mail_host: Mapped[str | None]
    account: Mapped[str | None]
    state: Mapped[str]
    mail: Mapped[str]
    failure_code: Mapped[str | None]
    failure_detail: Mapped[str | None]
    attempts: Mapped[int]
    code_encrypted: Mapped[bytes]
    code_made_at: Mapped[datetime]
    lease_id: Mapped[UUID | None]
    lease_expires_at: Mapped[datetime | None]
    look_at: Mapped[datetime]
    offline_at: Mapped[datetime]
    send_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    mail_reply: Mapped[str | None]
    search_until: Mapped[datetime | None]
    searched_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    proof: Mapped[str | None]
    diagnostics: Mapped[list[Any]]
    warnings: Mapped[list[Any]]
    evidence: Mapped[dict[str, Any] | None]
    transcript: Mapped[list[Any] | None] = mapped_column(deferred=True, deferred_raiseload=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Lease(Base):
    """An Actor's hold on a check, kept so that a late result finds what it was about."""

    __tablename__ = "lease"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    check_id: Mapped[UUID] = mapped_column(ForeignKey("check.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[UUID]
    searches: Mapped[int]
    given_at: Mapped[datetime]


class FailedLogin(Base):
    """A login that a server refused: each spends from the budget of its account for an hour."""

    __tablename__ = "failed_login"
    __table_args__ = (Index("ix_failed_login_account_at", "account", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account: Mapped[str]
    at: Mapped[datetime]
