"""``python -m benchmarks``: measure, print a line for each figure, and write ``results.json`` and the plot."""

import argparse
import asyncio
import time
from importlib import import_module

from benchmarks import page, plot, results
from benchmarks.measurement import Benchmark, Measurement, Scale

MODULES = {
    "actor_weight": ("actor_start_over_httpx", "actor_memory_over_httpx"),
    "verify_time": ("verify_over_idle_script", "verify_over_tight_poll"),
    "large_mailbox": ("large_mailbox_imap", "large_mailbox_pop3"),
    "finish_rate": ("finish_rate_over_procrastinate", "rate_2_processes_over_1", "rate_4_processes_over_1"),
    "wake": ("wake_over_notify",),
    "list_rate": ("list_rate_over_raw", "list_rate_large_over_small"),
    "idle_polls": ("idle_poll_memory_over_starlette",),
    "growth": ("cost_10m_rows_over_empty",),
}
"""In the order of their run: each has a coroutine ``measure``, which yields these figures."""


def main() -> None:
    """Run the chosen benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = [*MODULES, *(name for figures in MODULES.values() for name in figures)]
    parser.add_argument(
        "--only", nargs="+", choices=names, metavar="NAME", help="modules or figures: %(choices)s"
    )
    parser.add_argument("--quick", action="store_true", help="in small, to see that it runs; writes nothing")
    arguments = parser.parse_args()
    for name in _modules(arguments.only):
        measured = _run(name, Scale(quick=arguments.quick))
        if not arguments.quick:
            results.write(measured)
    if not arguments.quick:
        plot.draw()
        page.write()


def _modules(wanted: list[str] | None) -> list[str]:
    if wanted is None:
        return list(MODULES)
    return [name for name, figures in MODULES.items() if {name, *figures} & set(wanted)]


def _run(name: str, scale: Scale) -> list[Measurement]:
    measure: Benchmark = import_module(f"benchmarks.{name}").measure
    print(f"{name} ...", flush=True)
    began = time.monotonic()
    measured = asyncio.run(measure(scale))
    for each in measured:
        verdict = "" if each.goal is None else f"  goal {each.goal}: {_verdict(each)}"
        print(f"  {each.name} = {each.ratio:.2f}{verdict}", flush=True)
        for figure, value in each.raw.items():
            print(f"      {figure}: {value:g}", flush=True)
    print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    return measured


def _verdict(measured: Measurement) -> str:
    return "met" if measured.goal is None or measured.goal.is_met(measured.ratio) else "MISSED"


if __name__ == "__main__":
    main()
