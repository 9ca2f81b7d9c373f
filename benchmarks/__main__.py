"""``python -m benchmarks``: measure, print a line for each figure, and write ``results.json`` and the plot."""

import argparse
import asyncio
import time
from importlib import import_module

from benchmarks import plot, results
from benchmarks.measurement import Benchmark, Measurement, Scale

MODULES = ("actor_weight", "verify_time", "large_mailbox")
"""In the order of their run; each has a coroutine ``measure``."""


def main() -> None:
    """Run the chosen benchmarks."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=MODULES, default=MODULES, metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="in small, to see that it runs; writes nothing")
    arguments = parser.parse_args()
    for name in arguments.only:
        measured = _run(name, Scale(quick=arguments.quick))
        if not arguments.quick:
            results.write(measured)
    if not arguments.quick:
        plot.draw()


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
