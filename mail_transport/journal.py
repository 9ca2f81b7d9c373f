"""What happened during one attempt, step by step, fit to be shown to people while it goes on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydantic import JsonValue

from mail_transport.failures import MailFailure
from wire_contract.cleaning import clean_reply
from wire_contract.diagnostics import MAX_STEPS, Step, StepName, StepOutcome, Warned
from wire_contract.failure_codes import FailureCode

MAX_WARNINGS = 32
_MAX_TEXT = 300
_MAX_ITEMS = 32


class OpenStep:
    """A step that is under way. ``detail`` holds what is worth knowing of it; it takes JSON values."""

    def __init__(self, name: StepName, started: float, changed: Callable[[], None]) -> None:
        self.name = name
        self.started = started
        self.detail: dict[str, JsonValue] = {}
        self.server_reply: bytes | str | None = None
        self.outcome = StepOutcome.OK
        self.code: FailureCode | None = None
        self.visible = False
        self._changed = changed

    def progress(self, **detail: JsonValue) -> None:
        """Show this step with ``detail`` while it still runs."""
        self.detail.update(detail)
        self.visible = True
        self._changed()


class Journal:
    """The steps and warnings of one attempt. ``on_change`` is called when there is news to show.

    ``searches`` counts the searches that looked through every folder to the end. Whatever a server
    said is cleaned, and ``secrets`` masked in it, before it is kept.
    """

    def __init__(
        self,
        on_change: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.searches = 0
        self._on_change = on_change
        self._clock = clock
        self._secrets: set[str] = set()
        self._done: list[Step] = []
        self._open: list[OpenStep] = []
        self._warnings: dict[FailureCode, Warned] = {}

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that ended, and after them those that show themselves while they run."""
        running = [self._closed(step) for step in self._open if step.visible]
        return tuple([*self._done, *running][:MAX_STEPS])

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What is worth knowing though it made nothing fail; each code once."""
        return tuple(self._warnings.values())[:MAX_WARNINGS]

    def mask(self, *secrets: str) -> None:
        """Never show any of ``secrets``, whatever a server says."""
        self._secrets.update(secret for secret in secrets if secret)

    def warn(self, code: FailureCode, detail: bytes | str | None = None) -> None:
        """Note ``code`` beside the result; the first ``detail`` of a code stands."""
        if code not in self._warnings:
            text = None if detail is None else self._clean(detail)
            self._warnings[code] = Warned(code=code, detail=text)
            self._on_change()

    def searched(self) -> None:
        """Count a search that went through every folder to the end."""
        self.searches += 1
        self._on_change()

    @contextmanager
    def step(self, name: StepName) -> Iterator[OpenStep]:
        """Run a step. A ``MailFailure`` inside marks it failed and goes on upwards."""
        step = OpenStep(name, self._clock(), self._on_change)
        self._open.append(step)
        try:
            yield step
        except MailFailure as failure:
            step.outcome, step.code = StepOutcome.FAILED, failure.code
            step.detail.update(failure.detail)
            step.server_reply = failure.server_reply or step.server_reply
            raise
        finally:
            self._open.remove(step)
            self._done.append(self._closed(step))
            self._on_change()

    def _closed(self, step: OpenStep) -> Step:
        return Step(
            step=step.name,
            outcome=step.outcome,
            code=step.code,
            milliseconds=max(0, round((self._clock() - step.started) * 1000)),
            detail={key: self._bounded(value) for key, value in step.detail.items()},
            server_reply=None if step.server_reply is None else self._clean(step.server_reply),
        )

    def _clean(self, text: bytes | str) -> str:
        return clean_reply(text, self._secrets)

    def _bounded(self, value: JsonValue) -> JsonValue:
        # Certificates and capability lists come from the server: their size must not break a result.
        if isinstance(value, str):
            return self._clean(value[: _MAX_TEXT * 4])[:_MAX_TEXT]
        if isinstance(value, list):
            return [self._bounded(item) for item in value[:_MAX_ITEMS]]
        return value
