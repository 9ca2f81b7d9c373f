"""What docs/api.md tells a script's author to type, exactly as it is printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
from joserfc.jwk import OKPKey

from tests.director_api.scripted_actor import enrollment
from tests.end_to_end.conftest import director
from tests.end_to_end.processes import DirectorProcess

__all__ = ["director"]
ROOT = Path(__file__).parents[2]
SECONDS = 120


def test_the_examples_of_the_api_page_do_what_they_say(director: DirectorProcess) -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    (helper,) = re.findall(r"^get\(\) .*$", text, re.MULTILINE)
    blocks = re.findall(r"<!-- tried -->\n```bash\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == text.count("```bash") - 1
    minted = director.post("/enrollment-tokens", {})["token"]
    body = enrollment(minted, "vm-1", OKPKey.generate_key("X25519"))
    httpx.post(f"{director.url}/actor/enroll", json=body).raise_for_status()
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join([helper, *blocks])],
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "D": director.url,
            "T": f"Authorization: {director.api.headers['Authorization']}",
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for expected in ("version_mismatch", "running", "cancelled", "invalid_request", "no secrets"):
        assert re.search(rf"(^|\}}){expected}$", done.stdout, re.MULTILINE), done.stdout
    assert '"role":"admin"' in done.stdout
    assert '"note":"read by the lab"' in done.stdout
    assert "event: verification.started" in done.stdout
    assert "event: verification.finished" in done.stdout
