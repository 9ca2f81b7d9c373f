"""A real Chromium, led through pages by `tests/node/walk.cjs`."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.debian import require

_WALK = Path(__file__).parents[1] / "node" / "walk.cjs"
WALK_SECONDS = 90.0
Step = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """What is seen after a step. `code` is that of a page of failure; `visited` are all addresses so far."""

    url: str
    title: str
    text: str
    code: str | None
    cookies: list[dict[str, Any]]
    visited: list[str]

    @property
    def query(self) -> dict[str, str]:
        """The parameters in the address."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}


def walk(*steps: Step) -> list[Page]:
    """Take `steps` in a browser without a past; a page for each step that leads to one."""
    require("chromium")
    done = subprocess.run(
        ["node", str(_WALK)],
        input=json.dumps(steps),
        capture_output=True,
        text=True,
        timeout=WALK_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [Page(**seen) for seen in json.loads(done.stdout)]
