"""What a benchmark yields: one ratio, its goal, and the raw figures that it was made of."""

import statistics
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Goal:
    """The bound that a ratio should keep: at most, or at least."""

    bound: float
    at_least: bool = False

    def is_met(self, ratio: float) -> bool:
        """Tell whether ``ratio`` keeps the bound."""
        return ratio >= self.bound if self.at_least else ratio <= self.bound

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Measurement:
    """A ratio under its name. ``raw`` holds plain figures with their units in their names."""

    name: str
    ratio: float
    goal: Goal | None
    raw: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is done: as published, or in small to see that a benchmark runs."""

    quick: bool

    def of(self, full: int, quick: int) -> int:
        """Return the number for this scale."""
        return quick if self.quick else full


Benchmark = Callable[[Scale], Coroutine[Any, Any, list[Measurement]]]


def spread(name: str, seconds: Sequence[float]) -> dict[str, float]:
    """Return median, 10th and 90th percentile in milliseconds, and how many there were."""
    ordered = sorted(seconds)
    return {
        f"{name}_ms_p10": round(ordered[len(ordered) // 10] * 1000, 3),
        f"{name}_ms_median": round(statistics.median(ordered) * 1000, 3),
        f"{name}_ms_p90": round(ordered[(len(ordered) * 9) // 10] * 1000, 3),
        f"{name}_runs": len(ordered),
    }


async def alternated(
    runs: int, *sides: Callable[[], Awaitable[float]], warm_up: int = 1
) -> tuple[list[float], ...]:
    """Run the sides in turn, so that what else the machine does falls on each alike.

    Returns the figures of each side, without those of the first ``warm_up`` rounds.
    """
    figures: tuple[list[float], ...] = tuple([] for _ in sides)
    for number in range(warm_up + runs):
        for side, collected in zip(sides, figures, strict=True):
            figure = await side()
            if number >= warm_up:
                collected.append(figure)
    return figures
