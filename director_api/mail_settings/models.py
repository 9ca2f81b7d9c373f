"""The two tables of settings; each holds at most one row."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base

ONLY = 1


class EmailSettings(Base):
    """How the Director's own mail leaves. The secrets are encrypted beside the rest."""

    __tablename__ = "email_settings"
    __table_args__ = (CheckConstraint("id = 1", name="only"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    configuration: Mapped[dict[str, Any]]
    password_encrypted: Mapped[bytes | None]
    password_changed_at: Mapped[datetime | None]
    bounces_password_encrypted: Mapped[bytes | None]
    bounces_password_changed_at: Mapped[datetime | None]


class EmailActions(Base):
    """Time-outs and folders."""

    __tablename__ = "email_actions"
    __table_args__ = (CheckConstraint("id = 1", name="only"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    configuration: Mapped[dict[str, Any]]
