"""The table of the keys that sign records."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class SigningKey(Base):
    """A key that signs records, the newest one; those before it stay, so that old records can be checked."""

    __tablename__ = "signing_key"

    id: Mapped[str] = mapped_column(primary_key=True)
    public: Mapped[dict[str, Any]]
    encrypted: Mapped[bytes]
    created_at: Mapped[datetime]
