"""What a probe shows: steps for a person, coloured where that helps, or JSON for a script."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import TextIO

from mail_transport.journal import Journal
from wire_contract.base import JsonValue
from wire_contract.diagnostics import Step, StepOutcome
from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts import FAILURE_TEXTS

_MARKS = {
    StepOutcome.OK: ("✓", "32"),
    StepOutcome.WARNING: ("!", "33"),
    StepOutcome.FAILED: ("✗", "31"),
    StepOutcome.SKIPPED: ("-", "2"),
}
_RESET = "\x1b[0m"


def wants_colour(stream: TextIO, environ: Mapping[str, str] | None = None, *, refused: bool = False) -> bool:
    """Tell whether to colour: in a terminal, unless ``NO_COLOR`` (no-color.org) or the command says no."""
    told = os.environ if environ is None else environ
    return not refused and not told.get("NO_COLOR") and told.get("TERM") != "dumb" and stream.isatty()


def as_json(url: str, journal: Journal, failure: FailureCode | None) -> str:
    """Return the outcome as one JSON document."""
    document = {
        "url": url,
        "outcome": "failed" if failure else "reached",
        **_explained(failure),
        "warnings": [
            {**_explained(warned.code, "code"), "detail": warned.detail} for warned in journal.warnings
        ],
        "steps": [step.model_dump(mode="json") for step in journal.steps],
    }
    return json.dumps(document, indent=2) + "\n"


def as_text(url: str, journal: Journal, failure: FailureCode | None, *, colour: bool) -> str:
    """Return the outcome as lines for a person."""
    return "".join(f"{line}\n" for line in _lines(url, journal, failure, colour=colour))


def _lines(url: str, journal: Journal, failure: FailureCode | None, *, colour: bool) -> Iterator[str]:
    for step in journal.steps:
        yield from _step(step, colour=colour)
    for warned in journal.warnings:
        text = FAILURE_TEXTS[warned.code]
        yield _painted(f"! {warned.code}: {text.message}", "33", colour=colour)
        yield f"  → {text.hint}"
    if failure is None:
        yield _painted(f"{url} is reached.", "32", colour=colour)
        return
    text = FAILURE_TEXTS[failure]
    yield _painted(f"✗ {failure}: {text.message}", "31", colour=colour)
    yield f"  → {text.hint}"


def _step(step: Step, *, colour: bool) -> Iterator[str]:
    mark, paint = _MARKS[step.outcome]
    line = f"{_painted(mark, paint, colour=colour)} {step.step:<18} {step.milliseconds:>6} ms"
    yield f"{line}  {step.code}" if step.code else line
    for name, value in step.detail.items():
        yield f"    {name}: {_value(value)}"
    if step.server_reply:
        yield f'    the server said: "{step.server_reply}"'


def _value(value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{name} {_value(item)}" for name, item in value.items())
    return str(value)


def _painted(text: str, paint: str, *, colour: bool) -> str:
    return f"\x1b[{paint}m{text}{_RESET}" if colour else text


def _explained(code: FailureCode | None, name: str = "failure_code") -> dict[str, str | None]:
    text = FAILURE_TEXTS[code] if code else None
    return {name: code, "message": text.message if text else None, "hint": text.hint if text else None}
