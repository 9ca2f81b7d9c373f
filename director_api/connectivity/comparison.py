"""What the answers of several Actors amount to, in one sentence; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from director_api.wording import agree, names
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS

_PHRASES = {
    FailureCode.TCP_TIMED_OUT: "timed out",
    FailureCode.TCP_REFUSED: "refused",
    FailureCode.TCP_UNREACHABLE: "unreachable",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One Actor's answer. ``port``: the port that the failed step spoke to."""

    actor: str
    state: str
    failure_code: FailureCode | None = None
    port: int | None = None


def compare(answers: Sequence[Answer]) -> str:
    """Say who reaches the mailbox and who doesn't, and why."""
    reached = [answer.actor for answer in answers if answer.state == "connected"]
    failed: dict[str, list[str]] = {}
    for answer in answers:
        if answer.failure_code is not None:
            failed.setdefault(_reason(answer), []).append(answer.actor)
    waiting = sum(answer.state in {"queued", "leased"} for answer in answers)
    parts = [f"{names(reached)} {agree(reached, 'reaches', 'reach')} it"] if reached else []
    everyone = all(answer.failure_code is not None for answer in answers)
    parts += _nobody(failed) if failed and everyone else _some(failed)
    if waiting:
        parts.append(f"{waiting} of {len(answers)} still at work")
    if not parts:
        return "Cancelled."
    return "; ".join(parts).replace("; ", ", ", 1 if reached and failed else 0) + "."


def _some(failed: dict[str, list[str]]) -> list[str]:
    return [
        f"{names(actors)} {agree(actors, 'does', 'do')} not: {reason}" for reason, actors in failed.items()
    ]


def _nobody(failed: dict[str, list[str]]) -> list[str]:
    where = "; ".join(f"{reason} on {names(actors)}" for reason, actors in failed.items())
    return [f"No Actor reaches it: {where}"]


def _reason(answer: Answer) -> str:
    assert answer.failure_code is not None  # noqa: S101  # asked of failed answers alone
    code = answer.failure_code
    if code in _PHRASES and answer.port is not None:
        return f"TCP {answer.port} {_PHRASES[code]}"
    return FAILURE_TEXTS[code].message.rstrip(".")
