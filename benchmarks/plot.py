"""The figures as a picture for the documents: each ratio beside its goal."""

from pathlib import Path
from typing import Any

from benchmarks import results

PICTURE = Path(__file__).parent.parent / "docs" / "images" / "benchmarks.svg"


def draw() -> None:
    """Write the picture from ``results.json``."""
    import matplotlib as mpl  # noqa: PLC0415  # because only this module of the benchmarks needs it

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "benchmarks"  # the same figures give the same file
    from matplotlib import pyplot as plt  # noqa: PLC0415  # because the backend is chosen before

    found = results.read()
    names = [name for name in sorted(found["details"]) if found["details"][name]["goal"]]
    figure, axes = plt.subplots(figsize=(9, 0.45 * len(names) + 1.2), layout="constrained")
    for row, name in enumerate(reversed(names)):
        _bar(axes, row, found[name], found["details"][name])
    axes.set_yticks(range(len(names)), list(reversed(names)))
    axes.axvline(1.0, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("ratio over its goal, on a log scale: left of the line is better")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, metadata={"Date": None})


def _bar(axes: Any, row: int, ratio: float, detail: dict[str, Any]) -> None:
    side, _, bound = detail["goal"].partition(" ")
    over_goal = ratio / float(bound) if side == "<=" else float(bound) / ratio
    axes.barh(row, over_goal, color="tab:green" if detail["met"] else "tab:red", left=0)
    axes.annotate(f" {ratio:g} (goal {detail['goal']})", (over_goal, row), va="center", fontsize=8)
