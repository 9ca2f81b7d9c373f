"""One server process: started, awaited until it greets, stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from tests.servers.ports import HOST

START_SECONDS = 20.0
STOP_SECONDS = 10.0
_RETRY_SECONDS = 0.01


class ServerStartError(RuntimeError):
    """The process ended, or never greeted; the message carries the end of its log."""


class Daemon:
    """A server in a session of its own, so that a terminal's Ctrl-C reaches the tests first."""

    def __init__(
        self, command: list[str], *, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        """Start it, with `environment` beside this process's own; what it says goes to the end of `log`."""
        self._name = Path(command[0]).name
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )

    def wait_for_greeting(self, port: int, expected: bytes) -> None:
        """Return when the server on `port` has said `expected` first.

        An accepted connection alone proves nothing: Dovecot accepts with broken authentication too.
        Raises ServerStartError.
        """
        self.wait_until(lambda: _greets(port, expected), f"greeted on port {port}")

    def wait_until(self, ready: Callable[[], bool], what: str) -> None:
        """Ask until `ready`; `what` completes "it never ...". Raises ServerStartError."""
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if self._process.poll() is not None:
                raise ServerStartError(f"{self._name} exited {self._process.returncode}:\n{self._tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise ServerStartError(f"{self._name} never {what}:\n{self._tail()}")
            time.sleep(_RETRY_SECONDS)  # the kernel offers no event for "another process listens now"

    def stop(self) -> None:
        """Stop by SIGTERM and wait, so that nothing writes into the folder afterwards."""
        self._process.terminate()
        try:
            self._process.wait(timeout=STOP_SECONDS)
        finally:
            # What is left of its group: helpers of a server that ended without them, or the server that won't.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _tail(self) -> str:
        lines = self._log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-20:])


def accepts(port: int) -> bool:
    """Tell whether a server listens on `port`: enough where the client speaks first."""
    try:
        socket.create_connection((HOST, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _greets(port: int, expected: bytes) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1.0) as connection:
            return connection.recv(512).startswith(expected)
    except OSError:
        return False
