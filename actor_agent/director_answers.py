"""Reading what the Director answers: bounded, checked, and each lease by itself."""

from typing import TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, Field, JsonValue, ValidationError

from actor_agent.director_errors import AnswerUnreadable, CredentialRefused, DirectorRefused
from wire_contract.base import WireModel
from wire_contract.cleaning import clean_reply
from wire_contract.jobs import Control, Lease

MAX_ANSWER_BYTES = 8 * 1024 * 1024
"""64 leases of 64 KiB sealed credentials each are 4 MiB; twice that is a defect or an attack."""

Model = TypeVar("Model", bound=BaseModel)


class Work(WireModel):
    """An answered poll. ``unreadable``: leases that a newer Director meant for a newer Actor."""

    leases: tuple[Lease, ...] = ()
    unreadable: tuple[UUID, ...] = ()
    control: Control | None = None


class _Envelope(WireModel):
    leases: tuple[JsonValue, ...] = Field(max_length=64)
    control: Control | None = None


class _LeaseId(WireModel):
    id: UUID


class _Problem(WireModel):
    code: str | None = None
    detail: str | None = None
    title: str | None = None


async def read_body(answer: httpx.Response) -> bytes:
    """Read the body of a streamed ``answer``.

    Raises:
        AnswerUnreadable: it is longer than 8 MiB.
    """
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise AnswerUnreadable(f"The Director's answer is longer than {MAX_ANSWER_BYTES} bytes.")
    return bytes(body)


def read_model(model: type[Model], body: bytes) -> Model:
    """Read ``body`` as ``model``.

    Raises:
        AnswerUnreadable: it is something else.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise AnswerUnreadable(f"The Director's answer is not understood: {_where(error)}.") from None


def read_work(body: bytes) -> Work:
    """Read the answer to a poll. One lease that isn't understood does not spoil the others.

    Raises:
        AnswerUnreadable: the answer is none, or a lease has not even an id.
    """
    envelope = read_model(_Envelope, body)
    leases, unreadable = [], []
    for given in envelope.leases:
        try:
            leases.append(Lease.model_validate(given))
        except ValidationError:
            unreadable.append(_lease_id(given))
    return Work(leases=tuple(leases), unreadable=tuple(unreadable), control=envelope.control)


def refusal(answer: httpx.Response, body: bytes) -> DirectorRefused:
    """Make the error of an answer that is one, with the Director's own sentence where it gave one."""
    try:
        problem = _Problem.model_validate_json(body)
    except ValidationError:
        problem = _Problem()
    said = (
        problem.detail
        or problem.title
        or f"The Director answered {answer.status_code} {answer.reason_phrase}."
    )
    code = clean_reply(problem.code) if problem.code else None
    kind = CredentialRefused if answer.status_code == 401 else DirectorRefused
    return kind(answer.status_code, code, clean_reply(said), _retry_after(answer))


def _lease_id(given: JsonValue) -> UUID:
    try:
        return _LeaseId.model_validate(given).id
    except ValidationError:
        raise AnswerUnreadable("The Director's answer holds a lease without an id.") from None


def _where(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    return ": ".join(part for part in (".".join(map(str, first["loc"])), first["msg"]) if part)


def _retry_after(answer: httpx.Response) -> float | None:
    # The form with a date (RFC 9110, section 10.2.3) would need a clock; the Director sends seconds.
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None
