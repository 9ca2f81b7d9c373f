"""``results.json``: the last figures under each name, with the machine that they were taken on."""

import json
import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measurement import Measurement

FOLDER = Path(__file__).parent
RESULTS = FOLDER / "results.json"


def machine() -> dict[str, Any]:
    """Describe what the figures depend on."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def write(measurements: Iterable[Measurement]) -> None:
    """Put these figures in the place of earlier ones of the same names; the others stay."""
    results = read()
    described = machine()
    for measured in measurements:
        results[measured.name] = round(measured.ratio, 3)
        results["details"][measured.name] = {
            "goal": str(measured.goal) if measured.goal else None,
            "met": measured.goal.is_met(measured.ratio) if measured.goal else None,
            "raw": measured.raw,
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": described,
        }
    RESULTS.write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def read() -> dict[str, Any]:
    """Return what was measured so far."""
    if not RESULTS.exists():
        return {"details": {}}
    results: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))
    return results


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
