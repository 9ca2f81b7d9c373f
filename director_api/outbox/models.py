"""The table of messages to send. It refers to the code by its check; it does not hold it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class OutboxMessage(Base):
    """A message that is still to be sent. ``next_attempt_at`` is also the end of a sender's lease.

    Of those that are due, the lowest ``priority`` goes first, then the earliest ``turn_at``. Further
    messages of one verification have later turns: many small verifications pass a large one.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_next_attempt_at", "next_attempt_at"),
        Index("ix_outbox_message_turn", "priority", "turn_at"),
    )

    check_id: Mapped[UUID] = mapped_column(ForeignKey("check.id", ondelete="CASCADE"), primary_key=True)
    priority: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    turn_at: Mapped[datetime]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime]
