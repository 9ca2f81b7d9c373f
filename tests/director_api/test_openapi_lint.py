"""The OpenAPI documents pass a linter that others maintain: Redocly's, with the rules of redocly.yaml."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.servers.debian import require_node

ROOT = Path(__file__).parents[2]
REDOCLY = ROOT / "tests" / "node" / "node_modules" / ".bin" / "redocly"
OFFLINE = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
SECONDS = 60


def lint(document: Path) -> subprocess.CompletedProcess[str]:
    """Lint a document; warnings count."""
    require_node()
    return subprocess.run(
        [REDOCLY, "lint", str(document), "--config", "redocly.yaml", "--format", "stylish"],
        cwd=ROOT,
        env={**os.environ, **OFFLINE},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize("name", ["director.json", "actor.json"])
def test_the_document_is_clean(name: str) -> None:
    done = lint(ROOT / "openapi" / name)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_document_with_a_fault_is_not(tmp_path: Path) -> None:
    document = json.loads((ROOT / "openapi" / "actor.json").read_text(encoding="utf-8"))
    document["paths"]["/actor/enroll"]["post"]["operationId"] = "poll"
    (tmp_path / "faulty.json").write_text(json.dumps(document), encoding="utf-8")
    done = lint(tmp_path / "faulty.json")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "operationId" in done.stdout + done.stderr
