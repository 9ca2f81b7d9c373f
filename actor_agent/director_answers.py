"""Reading what the Director answers: checked, and each lease by itself."""

from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue, ValidationError

from actor_agent.director_errors import AnswerUnreadable, CredentialRefused, DirectorRefused
from actor_agent.director_http import Answer
from wire_contract.base import WireModel
from wire_contract.cleaning import clean_reply
from wire_contract.enrollment import Enrolled, Rotated
from wire_contract.jobs import Control, Lease
from wire_contract.results import LeaseRenewed, ResultRecorded

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


def read_enrolled(body: bytes) -> Enrolled:
    """Read the answer to an enrollment. Raises AnswerUnreadable, as do all that follow."""
    return _read(Enrolled, body)


def read_renewed(body: bytes) -> LeaseRenewed:
    """Read the answer to a renewal."""
    return _read(LeaseRenewed, body)


def read_recorded(body: bytes) -> ResultRecorded:
    """Read the answer to a result."""
    return _read(ResultRecorded, body)


def read_rotated(body: bytes) -> Rotated:
    """Read the answer to a rotation."""
    return _read(Rotated, body)


def read_work(body: bytes) -> Work:
    """Read the answer to a poll. One lease that isn't understood does not spoil the others.

    Raises:
        AnswerUnreadable: the answer is none, or a lease has not even an id.
    """
    envelope = _read(_Envelope, body)
    leases, unreadable = [], []
    for given in envelope.leases:
        try:
            leases.append(Lease.model_validate(given))
        except ValidationError:
            unreadable.append(_lease_id(given))
    return Work(leases=tuple(leases), unreadable=tuple(unreadable), control=envelope.control)


def refusal(answer: Answer) -> DirectorRefused:
    """Make the error of an answer that is one, with the Director's own sentence where it gave one."""
    try:
        problem = _Problem.model_validate_json(answer.body)
    except ValidationError:
        problem = _Problem()
    said = problem.detail or problem.title or f"The Director answered {answer.status} {answer.reason}."
    code = clean_reply(problem.code) if problem.code else None
    kind = CredentialRefused if answer.status == 401 else DirectorRefused
    return kind(answer.status, code, clean_reply(said), _seconds(answer.headers.get("retry-after", "")))


def _read(model: type[Model], body: bytes) -> Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise AnswerUnreadable(f"The Director's answer is not understood: {_where(error)}.") from None


def _lease_id(given: JsonValue) -> UUID:
    try:
        return _LeaseId.model_validate(given).id
    except ValidationError:
        raise AnswerUnreadable("The Director's answer holds a lease without an id.") from None


def _where(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    return ": ".join(part for part in (".".join(map(str, first["loc"])), first["msg"]) if part)


def _seconds(retry_after: str) -> float | None:
    # The form with a date (RFC 9110, section 10.2.3) would need a clock; the Director sends seconds.
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
