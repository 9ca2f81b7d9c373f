"""The table of security zones."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from director_api.database import Base


class SecurityZone(Base):
    """A named group of Actors."""

    __tablename__ = "security_zone"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str]
    created_at: Mapped[datetime]
