"""Presets, as the API shows them."""

from typing import Literal
from uuid import UUID

from director_api.field_errors import ApiModel
from director_api.provider_presets.known import Advice
from wire_contract.autoconfig import Protocol, Source
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import Encryption


class PresetServer(ApiModel):
    """A server to fill in. ``username``: what to log in with, where the provider says so."""

    protocol: Protocol
    host: str
    port: int
    encryption: Encryption
    username: str | None
    source: Literal["known_provider"] | Source


class AdviceRead(ApiModel):
    """What the provider wants."""

    code: Advice
    message: str


class Preset(ApiModel):
    """What to fill in. ``server_type``: the best way to read such a mailbox."""

    provider: str | None
    name: str | None
    server_type: Literal["imap", "pop3", "microsoft_graph", "gmail"] | None
    incoming: list[PresetServer]
    outgoing: list[PresetServer]
    advice: list[AdviceRead]


class TriedRead(ApiModel):
    """One place that was asked, and what came of it."""

    source: Source
    place: str
    answered: bool
    detail: str | None


class LookUpRead(ApiModel):
    """The look-up by an Actor."""

    actor_id: UUID
    actor: str
    state: str
    failure_code: FailureCode | None
    failure_detail: str | None
    message: str | None
    hint: str | None
    mail_exchangers: list[str]
    tried: list[TriedRead]


class ProviderPresets(ApiModel):
    """Presets for an address, the best first; without an address all providers that are known."""

    address: str | None
    items: list[Preset]
    look_up: LookUpRead | None
