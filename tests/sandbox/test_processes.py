"""Children of the demo never outlive it, and tell why they died."""

import os
import sys
from pathlib import Path

import pytest

from sandbox.processes import ChildError, Children

_SAYS_ITS_PID_AND_WAITS = "import os, signal; print(os.getpid(), flush=True); signal.pause()"


def test_leaving_stops_every_child(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        pids = []
        for name in ("one", "two"):
            child = children.start(name, [sys.executable, "-c", _SAYS_ITS_PID_AND_WAITS], announces=True)
            pids.append(int(child.announcement()))
        children.check()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_child_that_dies_is_named_with_its_last_lines(tmp_path: Path) -> None:
    with Children(tmp_path) as children:
        child = children.start(
            "mail server", [sys.executable, "-c", "raise SystemExit('no port left')"], announces=True
        )
        with pytest.raises(ChildError, match=r"mail server ended with status 1(.|\n)*no port left"):
            child.announcement()


def test_a_failed_command_does_not_repeat_its_token(tmp_path: Path) -> None:
    with Children(tmp_path) as children, pytest.raises(ChildError) as failure:
        children.run([sys.executable, "-c", "raise SystemExit('refused')", "--token", "s3cret"], env={})
    assert "refused" in str(failure.value)
    assert "s3cret" not in str(failure.value)


def test_the_callers_own_installation_stays_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRECTOR_DATABASE_URL", "postgresql+asyncpg://production")
    with Children(tmp_path) as children:
        printed = children.run(
            [sys.executable, "-c", "import os; print(sorted(os.environ))"], env={"ACTOR_X": "1"}
        )
    assert "DIRECTOR_DATABASE_URL" not in printed
    assert "ACTOR_X" in printed
