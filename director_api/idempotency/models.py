"""The table of idempotency keys. Neither a key nor a request is in it: only keyed hashes of both."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class IdempotencyKey(Base):
    """What became of the request that a caller sent with a key.

    ``attempt`` names the request that holds the key until ``locked_until``. ``committed``: what it does
    is done, so it must never be done again, whatever became of its answer.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'answered', 'issued', 'too_long')", name="state"),
        CheckConstraint("(state = 'answered') = (status IS NOT NULL)", name="status"),
        Index("ix_idempotency_key_expires_at", "expires_at"),
    )

    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    attempt: Mapped[UUID]
    state: Mapped[str]
    committed: Mapped[bool]
    locked_until: Mapped[datetime]
    expires_at: Mapped[datetime]
    status: Mapped[int | None]
    headers: Mapped[list[Any] | None]
    body: Mapped[bytes | None]
