"""The demo itself, as `make demo` and `make demo ONCE=1` start it."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx

_ROOT = Path(__file__).resolve().parents[2]
_DEMO = [sys.executable, "-m", "sandbox.demo"]
_AT_MOST_SECONDS = 150


def test_once_ends_well_with_every_mailbox_as_it_should_be() -> None:
    demo = subprocess.run(
        [*_DEMO, "--once"], cwd=_ROOT, capture_output=True, text=True, timeout=_AT_MOST_SECONDS, check=False
    )
    assert (demo.returncode, demo.stderr) == (0, ""), demo.stdout + demo.stderr
    for end in (
        "anna@example.test | IMAP | Verified | office-1: Verified, dmz-1: Verified",
        "ben@example.test | IMAP | Verified | office-1: Verified, dmz-1: Verified",
        "dora@example.test | IMAP | Verified | office-1: Verified, dmz-1: Verified",
        "emil@example.test | POP3 | Verified | office-1: Verified, dmz-1: Verified",
        "fritz@example.test | POP3 | Verified | dmz-1: Verified",
        "greta@contoso.test | Microsoft Graph | Verified | office-1: Verified, dmz-1: Verified",
        "carla@example.test | IMAP | Unverified | dmz-1: Unverified",
    ):
        assert end in demo.stdout
    assert re.search(r"✓ greeting .*\n(.*\n)*?.*✗ authenticate .* auth_invalid_credentials", demo.stdout)


def test_it_stays_up_with_a_token_that_works_until_ctrl_c() -> None:
    with subprocess.Popen(
        _DEMO, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as demo:
        try:
            token_file, url = _example(demo)
            answer = httpx.get(url, headers={"Authorization": f"Bearer {token_file.read_text()}"})
        finally:
            demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=_AT_MOST_SECONDS) == 0
    assert len(answer.json()["items"]) == 7
    assert not token_file.parent.exists()


def _example(demo: subprocess.Popen[str]) -> tuple[Path, str]:
    assert demo.stdout is not None
    line = next(line for line in demo.stdout if "curl" in line)
    found = re.search(r"\$\(cat (\S+)\)\" (\S+)", line)
    assert found, line
    return Path(found[1]), found[2]
