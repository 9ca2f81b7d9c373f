"""The tables of jobs without mail, of the runs that they belong to, and of their leases."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from director_api.among import one_of
from director_api.database import Base
from director_api.verifications.state_machine import CheckState


class JobRun(Base):
    """What someone asked of some Actors at once: a connectivity check or a look-up.

    ``configuration`` is a profile's, save secrets. The secrets of a draft stand encrypted in
    ``secrets_encrypted`` until the run ends; those of a saved profile stay with the profile.
    ``authenticated``: a login with these secrets has worked. ``account``: the account that logins
    are counted against.
    """

    __tablename__ = "job_run"
    __table_args__ = (
        CheckConstraint("kind IN ('connectivity', 'autoconfig')", name="kind"),
        CheckConstraint("state IN ('running', 'finished', 'cancelled')", name="state"),
        CheckConstraint("(state = 'running') = (finished_at IS NULL)", name="finished_at"),
        CheckConstraint("state = 'running' OR secrets_encrypted IS NULL", name="secrets_encrypted"),
        Index("ix_job_run_profile_id_id", "profile_id", "id"),
        Index("ix_job_run_started_at", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    profile_id: Mapped[UUID | None] = mapped_column(ForeignKey("email_profile.id", ondelete="CASCADE"))
    revision: Mapped[int | None]
    server_type: Mapped[str]
    email_address: Mapped[str]
    configuration: Mapped[dict[str, Any]]
    account: Mapped[str | None]
    secrets_encrypted: Mapped[bytes | None]
    authenticated: Mapped[bool]
    state: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Job(Base):
    """One Actor's part of a run. ``answer`` is what a look-up found."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'leased', 'connected', 'answered', 'unverified', 'cancelled')", name="state"
        ),
        CheckConstraint("(state = 'unverified') = (failure_code IS NOT NULL)", name="failure_code"),
        CheckConstraint("(state = 'leased') = (lease_id IS NOT NULL)", name="lease"),
        CheckConstraint("(state IN ('queued', 'leased')) = (ended_at IS NULL)", name="ended_at"),
        Index("ix_job_run_id", "run_id"),
        Index(
            "ix_job_queued",
            "actor_id",
            "look_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_job_deadline_at",
            "deadline_at",
            sqlite_where=text("deadline_at IS NOT NULL"),
            postgresql_where=text("deadline_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("job_run.id", ondelete="CASCADE"))
    actor_id: Mapped[UUID]
    actor_name: Mapped[str]
    actor_zone_id: Mapped[UUID | None]
    position: Mapped[int]
    state: Mapped[str]
    failure_code: Mapped[str | None]
    failure_detail: Mapped[str | None]
    attempts: Mapped[int]
    lease_id: Mapped[UUID | None]
    lease_expires_at: Mapped[datetime | None]
    look_at: Mapped[datetime]
    offline_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    diagnostics: Mapped[list[Any]]
    warnings: Mapped[list[Any]]
    transcript: Mapped[list[Any] | None] = mapped_column(deferred=True, deferred_raiseload=True)
    answer: Mapped[dict[str, Any] | None]
    ended_at: Mapped[datetime | None]


def is_leased(job: type[Job]) -> ColumnElement[bool]:
    """Return the condition that a job is leased. What is leased has a deadline, by whose index it is found."""
    return and_(one_of(job.state, CheckState.LEASED), job.deadline_at.is_not(None))


class JobLease(Base):
    """An Actor's hold on a job, kept so that a late or repeated result finds what it was about."""

    __tablename__ = "job_lease"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[UUID]
    given_at: Mapped[datetime]
