"""The table of consents that were asked for and not given yet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class ConsentRequest(Base):
    """One use, one hour. ``browser_hash``: of the cookie of the browser that opened the start page last.

    The row is deleted by the answer that uses it. What the consent is for is the profile's ``revision``.
    """

    __tablename__ = "consent_request"
    __table_args__ = (Index("ix_consent_request_ticket_hash", "ticket_hash", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    profile_id: Mapped[UUID] = mapped_column(ForeignKey("email_profile.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int]
    caller: Mapped[str]
    ticket_hash: Mapped[bytes]
    browser_hash: Mapped[bytes | None]
    expires_at: Mapped[datetime]
