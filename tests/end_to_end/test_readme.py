"""What the README tells a newcomer to type, exactly as it is printed."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 120


def test_the_story_of_the_readme_ends_verified(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- tried: \w+ -->\n```bash\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 2
    for name in (".venv", ".sandbox", "sandbox"):
        (tmp_path / name).symlink_to(ROOT / name)
    script = "".join(blocks)
    with (tmp_path / "output").open("w+") as output:
        shell = subprocess.Popen(
            ["bash", "-c", script],
            cwd=tmp_path,
            stdout=output,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            shell.wait(SECONDS)
        finally:
            os.killpg(shell.pid, signal.SIGKILL)
            shell.wait()
        output.seek(0)
        said = output.read()
    documents = [line for line in said.replace("}{", "}\n{").splitlines() if line.startswith('{"id"')]
    verification = json.loads(documents[-1])
    assert verification["outcome"] == "verified", said
