"""``python -m benchmarks.page``: write the table of ``docs/scale.md`` from ``results.json``."""

from pathlib import Path
from typing import Any

from benchmarks import results

PAGE = Path(__file__).parent.parent / "docs" / "scale.md"
_BEGIN, _END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"


def write() -> None:
    """Put the present figures between the marks of the page."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PAGE.write_text(before + _BEGIN + table(results.read()) + _END + after, encoding="utf-8")


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown, with the machines that they were taken on."""
    details = found["details"]
    if not details:
        return "Nothing has been measured yet: run `make bench`.\n"
    rows = [_row(name, found[name], details[name]) for name in sorted(details)]
    return "\n".join(
        (
            "![Each figure over its goal](images/benchmarks.svg)",
            "",
            "| figure | ratio | goal | made of |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            *sorted({_machine(detail) for detail in details.values()}),
            "",
        )
    )


def _row(name: str, ratio: float, detail: dict[str, Any]) -> str:
    goal = f"{detail['goal']}, {'met' if detail['met'] else '**missed**'}" if detail["goal"] else "none"
    raw = ", ".join(f"{figure} {_number(value)}" for figure, value in detail["raw"].items())
    return f"| `{name}` | {ratio:g} | {goal} | {raw} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6g}"


def _machine(detail: dict[str, Any]) -> str:
    machine = detail["machine"]
    return (
        f"Measured on {detail['measured_at'][:10]}: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['system']}, Python {machine['python']}."
    )


if __name__ == "__main__":
    write()
