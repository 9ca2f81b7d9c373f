"""The demo's child processes: started with a log each, watched, and always stopped."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

STOP_SECONDS = 12.0  # an Actor may take 10 s to hand back what it holds
COMMAND_SECONDS = 30.0
_LOG_LINES = 20


class ChildError(RuntimeError):
    """A child ended by itself or a command failed; the message carries the end of what it said."""


class Child:
    """One running process. What it says goes into its log."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path,
        announces: bool,
    ) -> None:
        """Start it. With `announces` its stdout is kept for `announcement`."""
        self.name = name
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if announces else output,
                stderr=output,
                # Ctrl-C then reaches the demo alone, which stops its children in order.
                start_new_session=True,
            )

    def announcement(self) -> bytes:
        """Wait for the one line that it prints when it is ready. Raises ChildError when it ended instead."""
        assert self._process.stdout is not None  # noqa: S101  # because it was started with announces=True
        with self._process.stdout as output:
            line = output.readline()
        if not line:
            self._process.wait()
            self.check()
        return line

    def check(self) -> None:
        """Raise ChildError if it has ended."""
        status = self._process.poll()
        if status is not None:
            said = _last_lines(self._log.read_text(errors="replace"))
            raise ChildError(f"The {self.name} ended with status {status}. Its last lines:\n{said}")

    def ask_to_stop(self) -> None:
        """Send SIGTERM, without waiting."""
        if self._process.poll() is None:
            self._process.terminate()

    def wait_or_kill(self) -> None:
        """Wait until it is gone; kill it when it takes too long."""
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Children:
    """All of them; leaving the `with` block stops them, the last one started first."""

    def __init__(self, folder: Path) -> None:
        """Logs go into `folder`, which is also where the children run."""
        self._folder = folder
        self._running: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(self._running):
            child.ask_to_stop()
        for child in reversed(self._running):
            child.wait_or_kill()

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        announces: bool = False,
    ) -> Child:
        """Start a process under `name`; `env` comes on top of a clean environment."""
        log = self._folder / f"{name.replace(' ', '-')}.log"
        child = Child(
            name, command, env=_environment(env), cwd=cwd or self._folder, log=log, announces=announces
        )
        self._running.append(child)
        return child

    def run(self, command: Sequence[str], *, env: Mapping[str, str]) -> str:
        """Run a command to its end and return what it printed. Raises ChildError."""
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=_environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            said = _last_lines(done.stderr)
            name = " ".join(command[:3])  # what follows may be a token
            raise ChildError(f"`{name}` ended with status {done.returncode}:\n{said}")
        return done.stdout.strip()

    def check(self) -> None:
        """Raise ChildError if any has ended."""
        for child in self._running:
            child.check()


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    # The settings of an installation that the caller has besides this one stay out, and so does a proxy.
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("DIRECTOR_", "ACTOR_"))}
    return mine | {"NO_PROXY": "127.0.0.1"} | dict(more or {})


def _last_lines(text: str) -> str:
    return "\n".join(text.splitlines()[-_LOG_LINES:])
