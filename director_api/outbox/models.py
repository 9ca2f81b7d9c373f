"""The table of messages to send. It refers to the code by its check; it does not hold it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class OutboxMessage(Base):
    """A message that is still to be sent. ``next_attempt_at`` is also the end of a sender's lease."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_next_attempt_at", "next_attempt_at"),)

    check_id: Mapped[UUID] = mapped_column(ForeignKey("check.id", ondelete="CASCADE"), primary_key=True)
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime]
