"""Plays scenes of the console in a real Chromium; `tests/node/console/run.cjs` holds the browser."""

import json
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.servers.debian import require

_RUN = Path(__file__).parents[1] / "node" / "console" / "run.cjs"
SCENE_SECONDS = 120.0
Answer = Callable[[dict[str, Any]], Any]


def play(scene: str, world: Mapping[str, Any], answers: Mapping[str, Answer] | None = None) -> None:
    """Play `scene`; what it asks for is answered by the function of that name in `answers`."""
    require("chromium")
    process = subprocess.Popen(
        ["node", str(_RUN), scene],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    limit = threading.Timer(SCENE_SECONDS, process.kill)
    limit.start()
    with process:
        try:
            said = _converse(process, world, answers or {})
        finally:
            limit.cancel()
            process.kill()
    assert process.returncode == 0, said


def _converse(process: subprocess.Popen[str], world: Mapping[str, Any], answers: Mapping[str, Answer]) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    _tell(process.stdin, world)
    for line in process.stdout:
        asked = json.loads(line)
        _tell(process.stdin, answers[asked.pop("ask")](asked))
    said = process.stderr.read()
    process.wait(SCENE_SECONDS)
    return said


def _tell(stream: Any, value: Any) -> None:
    stream.write(json.dumps(value) + "\n")
    stream.flush()
