"""The journal of a check: its steps as they happen, so that a person can watch and read them."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from mail_transport.failures import MailFailure
from mail_transport.transcript import SHOWN_CHARACTERS, Transcript
from wire_contract.base import JsonValue
from wire_contract.cleaning import clean_reply
from wire_contract.diagnostics import (
    MAX_DETAIL_BYTES,
    MAX_STEPS,
    MAX_TRANSCRIPT,
    Step,
    StepName,
    StepOutcome,
    Warned,
)
from wire_contract.failure_codes import FailureCode

_MOST_WARNINGS = 32
_MAX_TEXT = 400
_MAX_ITEMS = 32
_MOST_TRANSCRIPTS = 4
_WELL = {StepOutcome.OK, StepOutcome.WARNING}


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

    What a server said is cleaned, with each secret masked, before it is kept. ``searches`` counts
    searches that looked through every folder to the end.
    """

    def __init__(
        self, on_change: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._on_change = on_change
        self._clock = clock
        self._steps: list[Step] = []
        self._open: OpenStep | None = None
        self._told: MailFailure | None = None
        self._warnings: dict[FailureCode, Warned] = {}
        self._secrets: set[str] = set()
        self._beside: list[Journal] = []
        self._news = asyncio.Event()
        self._transcripts: list[tuple[str, Transcript]] = []
        self.searches = 0

    def beside(self) -> "Journal":
        """Return a journal of what is done at the same time as the steps of this one.

        Its steps are shown behind the own ones; warnings and masked secrets belong to both.
        """
        other = Journal(self._on_change, self._clock)
        other._warnings, other._secrets = self._warnings, self._secrets
        self._beside.append(other)
        return other

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps so far, the one under way last; then those of the journals beside."""
        running = (self._written(self._open),) if self._open and self._open.name is StepName.SEARCH else ()
        beside = (step for other in self._beside for step in other.steps)
        return (*self._steps, *running, *beside)[:MAX_STEPS]

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What is worth knowing beside the outcome."""
        return tuple(self._warnings.values())

    def warn(self, code: FailureCode, about: str | None = None) -> None:
        """Add a warning, once; ``about`` says what it is about where that isn't the mailbox."""
        if len(self._warnings) < _MOST_WARNINGS:
            self._warnings.setdefault(code, Warned(code=code, detail=about and self._clean(about)))

    def keep(self, server: str, transcript: Transcript) -> None:
        """Keep what is said on a connection to ``server``; of further ones beyond four nothing is kept."""
        if len(self._transcripts) < _MOST_TRANSCRIPTS:
            self._transcripts.append((server, transcript))

    @property
    def transcript(self) -> tuple[str, ...]:
        """What was said so far on each connection, cleaned, with the secrets masked."""
        own = (
            self._clean(line)[:SHOWN_CHARACTERS]
            for server, transcript in self._transcripts
            for line in (f"== {server} ==".encode(), *transcript.lines())
        )
        beside = (line for other in self._beside for line in other.transcript)
        return tuple(islice((*own, *beside), MAX_TRANSCRIPT))

    def mask(self, *secrets: str) -> None:
        """Never show any of ``secrets``, whatever a server says."""
        self._secrets.update(secrets)

    def progressed(self) -> None:
        """The step under way has news in its detail."""
        self._on_change()

    def searched(self) -> None:
        """A search came to its end."""
        self.searches += 1
        self._on_change()

    def has_passed(self, name: StepName) -> bool:
        """Tell whether a step of this name has ended well."""
        return any(step.step is name and step.outcome in _WELL for step in self._steps)

    async def until_passed(self, name: StepName) -> None:
        """Wait for :meth:`has_passed`."""
        while not self.has_passed(name):
            self._news.clear()
            await self._news.wait()

    @contextmanager
    def step(self, name: StepName, *, quiet: bool = False) -> Iterator[OpenStep]:
        """Write down what happens in this block as one step; a failure is written down and goes on its way.

        Steps may hold others, which are written down ahead of them; a failure of one within is shown there alone.
        A ``quiet`` step is not worth a line of its own, and is written down only if it doesn't end well.
        """
        outer, step = self._open, OpenStep(name, self._clock())
        self._open = step
        try:
            yield step
        except MailFailure as failure:
            step.outcome, step.code = StepOutcome.FAILED, failure.code
            step.server_reply = failure.server_reply or step.server_reply
            step.detail.update(failure.detail)
            quiet, self._told = failure is self._told, failure
            raise
        except asyncio.CancelledError:
            step.outcome = StepOutcome.SKIPPED
            step.detail["reason"] = "the check ended before this step did"
            raise
        else:
            if step.outcome is StepOutcome.WARNING and step.code is not None:
                self.warn(step.code)
        finally:
            self._open = outer
            if not (quiet and step.outcome in {StepOutcome.OK, StepOutcome.FAILED}):
                self._steps.append(self._written(step))
                self._news.set()
                self._on_change()

    def time_ran_out(self, seconds: float) -> MailFailure:
        """Let the step that was cut short show that the time for all the steps ran out in it.

        Returns the failure to raise. ``seconds`` is how long they were given.
        """
        failure = MailFailure(FailureCode.REPLY_TIMED_OUT, detail={"seconds": seconds})
        told = {"outcome": StepOutcome.FAILED, "code": failure.code, "detail": failure.detail}
        self._steps.append(self._steps.pop().model_copy(update=told))
        self._on_change()
        return failure

    def _written(self, step: OpenStep) -> Step:
        return Step(
            step=step.name,
            outcome=step.outcome,
            code=step.code,
            milliseconds=max(0, round((self._clock() - step.started) * 1000)),
            detail=self._bounded(step.detail),
            server_reply=self._clean(step.server_reply or "") or None,
        )

    def _clean(self, text: bytes | str) -> str:
        return clean_reply(text, self._secrets)

    def _bounded(self, detail: dict[str, JsonValue]) -> dict[str, JsonValue]:
        # Names in certificates and capabilities come from the server: they must not break the result.
        items = _MAX_ITEMS
        while len(repr(shown := self._fit_items(detail, items))) > MAX_DETAIL_BYTES:
            items //= 2
        return shown

    def _fit_items(self, values: dict[str, JsonValue], items: int) -> dict[str, JsonValue]:
        kept = islice(values.items(), items)
        return {self._clean(key)[:_MAX_TEXT]: self._fit(value, items) for key, value in kept}

    def _fit(self, value: JsonValue, items: int) -> JsonValue:
        if isinstance(value, str):
            return self._clean(value)[:_MAX_TEXT]
        if isinstance(value, list):
            return [self._fit(item, items) for item in value[:items]]
        if isinstance(value, dict):
            return self._fit_items(value, items)
        return value
