"""The journal of a check: its steps as they happen, so that a person can watch and read them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mail_transport.failures import MailFailure
from wire_contract.base import JsonValue
from wire_contract.cleaning import clean_reply
from wire_contract.diagnostics import Step, StepName, StepOutcome, Warned
from wire_contract.failure_codes import FailureCode

_MOST_WARNINGS = 32


@dataclass
class OpenStep:
    """A step that is under way."""

    name: StepName
    started: float
    detail: dict[str, JsonValue] = field(default_factory=dict)
    server_reply: bytes | str | None = None
    code: FailureCode | None = None
    outcome: StepOutcome = StepOutcome.OK

    def warn(self, code: FailureCode) -> None:
        """The step goes on, with something to say about it."""
        self.outcome, self.code = StepOutcome.WARNING, code


class Journal:
    """Collects steps and warnings; ``on_change`` is called after each change.

    ``secrets`` are masked in every reply that is written down. ``searches`` counts searches that
    looked through every folder to the end.
    """

    def __init__(
        self, on_change: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._on_change = on_change
        self._clock = clock
        self._steps: list[Step] = []
        self._open: OpenStep | None = None
        self._warnings: dict[FailureCode, Warned] = {}
        self.secrets: list[str] = []
        self.searches = 0

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps so far, the one under way last."""
        running = (self._written(self._open),) if self._open and self._open.name is StepName.SEARCH else ()
        return (*self._steps, *running)

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What is worth knowing beside the outcome."""
        return tuple(self._warnings.values())

    def warn(self, code: FailureCode) -> None:
        """Add a warning, once."""
        if len(self._warnings) < _MOST_WARNINGS:
            self._warnings.setdefault(code, Warned(code=code))

    def searched(self) -> None:
        """A search came to its end."""
        self.searches += 1
        self._on_change()

    @contextmanager
    def step(self, name: StepName) -> Iterator[OpenStep]:
        """Write down what happens in this block as one step; a failure is written down and goes on its way."""
        step = self._open = OpenStep(name, self._clock())
        try:
            yield step
        except MailFailure as failure:
            step.outcome, step.code = StepOutcome.FAILED, failure.code
            step.server_reply = failure.server_reply or step.server_reply
            step.detail.update(failure.detail)
            raise
        else:
            if step.outcome is StepOutcome.WARNING and step.code is not None:
                self.warn(step.code)
        finally:
            self._open = None
            self._steps.append(self._written(step))
            self._on_change()

    def _written(self, step: OpenStep) -> Step:
        reply = None if step.server_reply is None else clean_reply(step.server_reply, self.secrets)
        return Step(
            step=step.name,
            outcome=step.outcome,
            code=step.code,
            milliseconds=max(0, round((self._clock() - step.started) * 1000)),
            detail=dict(step.detail),
            server_reply=reply or None,
        )
