"""Processes whose clock is wrong, or that live later: libfaketime shifts what the kernel tells them."""

from pathlib import Path

from tests.servers.debian import require

_LIBRARY = "faketime/libfaketime.so.1"


def shifted(seconds: float) -> dict[str, str]:
    """Return the environment of a process whose calendar is ``seconds`` ahead; its monotonic clock is true."""
    if not seconds:
        return {}
    require("faketime")
    (library,) = Path("/usr/lib").glob(f"*/{_LIBRARY}")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": f"{seconds:+.0f}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
