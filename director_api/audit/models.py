"""The table of the audit log. Its rows outlive what they are about, so nothing here is a foreign key."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class AuditEntry(Base):
    """One thing that someone did. Rows are added and never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject_id_id", "subject_id", "id"),
        Index("ix_audit_entry_caller_id_id", "caller_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    caller_kind: Mapped[str]
    caller_id: Mapped[str]
    caller_name: Mapped[str]
    action: Mapped[str]
    subject_id: Mapped[str]
    changes: Mapped[dict[str, Any]]
    request_id: Mapped[str | None]
