"""What an Actor says happened, as it is stored: every text from a mail server is cleaned first."""

from collections.abc import Iterable
from typing import Any

from director_api.problems import Problem
from wire_contract.cleaning import clean_reply
from wire_contract.diagnostics import Step, Warned


def cleaned_steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return steps as they are stored."""
    return [_cleaned(step) for step in steps]


def cleaned_warnings(warnings: Iterable[Warned]) -> list[dict[str, Any]]:
    """Return warnings as they are stored."""
    return [
        {"code": warned.code, "detail": None if warned.detail is None else clean_reply(warned.detail)}
        for warned in warnings
    ]


def cleaned_lines(transcript: Iterable[str]) -> list[str]:
    """Return a transcript as it is stored."""
    return [clean_reply(line) for line in transcript]


def superseded() -> Problem:
    """The lease does not hold any more."""
    return Problem(409, "lease_superseded", "The lease ran out and the job was given again or ended.")


def _cleaned(step: Step) -> dict[str, Any]:
    stored = step.model_dump(mode="json")
    if step.server_reply is not None:
        stored["server_reply"] = clean_reply(step.server_reply)
    return stored
