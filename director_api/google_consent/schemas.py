"""What ``authorize`` answers."""

from datetime import datetime

from pydantic import BaseModel, Field


class AuthorizationRead(BaseModel):
    """Where the mailbox's owner consents, in a browser. The address works until ``expires_at``, for one consent."""

    authorization_url: str = Field(description="A page of the Director that leads on to Google")
    expires_at: datetime
