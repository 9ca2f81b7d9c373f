"""Webhooks and deliveries, as the API shows them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from director_api.events.log import EventType
from director_api.field_errors import ApiModel
from director_api.fields import Flag, NotNull, Text
from director_api.lengths import Taken
from director_api.webhooks.posting import DeliveryError

Url = Annotated[
    str,
    Field(
        max_length=2000,
        # Dialects of regular expressions disagree whether control characters are \s.
        pattern=r"^https?://[^\s\x00-\x20\x7f-\x9f\ufeff/?#@\\]+([/?][\x21-\x22\x24-\x7e]*)?$",
        examples=["https://hooks.example.com/director"],
    ),
]
Types = Annotated[list[EventType], Field(min_length=1, max_length=20)]


class WebhookCreate(Taken):
    """A webhook to make. ``allow_private_addresses`` also allows ``http``."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {
                "properties": {"allow_private_addresses": {"const": True}},
                "required": ["allow_private_addresses"],
            },
            "else": {"properties": {"url": {"pattern": "^https:"}}},
        }
    )

    url: Url
    types: Types = Field(default=[EventType.PROFILE_STATUS_CHANGED])
    note: Text = ""
    allow_private_addresses: Flag = False


class WebhookPatch(Taken):
    """What to change. ``enabled`` true also begins anew where failures had disabled it."""

    url: Annotated[Url | None, NotNull()] = None
    types: Annotated[Types | None, NotNull()] = None
    note: Annotated[Text | None, NotNull()] = None
    allow_private_addresses: Annotated[Flag | None, NotNull()] = None
    enabled: Annotated[Flag | None, NotNull()] = None


class WebhookRead(ApiModel):
    """A webhook. ``disabled_reason``: ``request``, ``failing`` (for five days) or ``gone`` (it answered 410)."""

    id: UUID
    url: str
    types: list[EventType]
    note: str
    allow_private_addresses: bool
    enabled: bool
    disabled_reason: Literal["request", "failing", "gone"] | None
    failing_since: AwareDatetime | None
    created_at: AwareDatetime


class WebhookMinted(WebhookRead):
    """A webhook with the secret that signs: shown this once."""

    secret: str


class DeliveryRead(ApiModel):
    """A delivery and its last attempt. ``message_id`` is what the header ``webhook-id`` carries."""

    id: UUID
    message_id: UUID
    type: str
    state: Literal["queued", "delivered", "failed"]
    attempts: int
    next_attempt_at: AwareDatetime | None
    attempted_at: AwareDatetime | None
    response_status: int | None
    milliseconds: int | None
    error_code: DeliveryError | None
    created_at: AwareDatetime
