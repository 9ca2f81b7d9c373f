"""The tables of webhooks and of what is delivered to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class Webhook(Base):
    """Where to tell which events. ``failing_since``: the first failure since the last success."""

    __tablename__ = "webhook"
    __table_args__ = (CheckConstraint("enabled = (disabled_reason IS NULL)", name="disabled_reason"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str]
    types: Mapped[list[Any]]
    note: Mapped[str]
    allow_private_addresses: Mapped[bool]
    secret_encrypted: Mapped[bytes]
    enabled: Mapped[bool]
    disabled_reason: Mapped[str | None]
    failing_since: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Delivery(Base):
    """One event for one webhook. ``message_id`` stays the same however often it is sent.

    ``next_attempt_at`` is also the end of a sender's lease; null once the delivery has ended.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'delivered', 'failed')", name="state"),
        CheckConstraint("(state = 'queued') = (next_attempt_at IS NOT NULL)", name="next_attempt_at"),
        Index("ix_webhook_delivery_webhook_id_id", "webhook_id", "id"),
        Index("ix_webhook_delivery_created_at", "created_at"),
        Index(
            "ix_webhook_delivery_webhook_id_next_attempt_at",
            "webhook_id",
            "next_attempt_at",
            sqlite_where=text("next_attempt_at IS NOT NULL"),
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    message_id: Mapped[UUID]
    type: Mapped[str]
    body: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime | None]
    attempted_at: Mapped[datetime | None]
    response_status: Mapped[int | None]
    milliseconds: Mapped[int | None]
    error_code: Mapped[str | None]
    created_at: Mapped[datetime]
