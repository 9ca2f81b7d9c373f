"""Director and Actor as a person starts them: processes, commands, signals."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.servers.mail_servers import MailServers

BIN = Path(sys.executable).parent
READY = "Uvicorn running on"
STOP_SECONDS = 15.0
COMMAND_SECONDS = 60.0


class Process:
    """A process whose log is read line by line, so that a test can wait for what it says."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        self.lines: list[str] = []
        self._said = threading.Condition()
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The id that the system gave it."""
        return self._process.pid

    def wait_for(self, text: str, seconds: float = 30.0) -> None:
        """Wait until a line of the log holds ``text``."""

        def over() -> bool:
            return self._has_said(text) or self._process.poll() is not None

        with self._said:
            self._said.wait_for(over, seconds)
        assert self._has_said(text), f"no {text!r} in:\n" + "".join(self.lines)

    def _has_said(self, text: str) -> bool:
        return any(text in line for line in self.lines)

    def stop(self) -> int:
        """Ask it to stop as a service manager does, and return its exit status."""
        self._process.terminate()
        return self._ended()

    def kill(self) -> None:
        """Kill it, as a power cut does."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._ended()

    def _ended(self) -> int:
        try:
            status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            status = self._process.wait()
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()
        return status

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._said:
                self.lines.append(line)
                self._said.notify_all()
        with self._said:
            self._said.notify_all()


def command(name: str, *arguments: str, environment: Mapping[str, str]) -> str:
    """Run a command to its end and return what it printed."""
    done = subprocess.run(
        [str(BIN / name), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class ActorProcess:
    """An enrolled Actor that runs."""

    def __init__(
        self, name: str, folder: Path, url: str, token: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.environment = {
            "ACTOR_STATE_DIR": str(folder),
            "ACTOR_EGRESS_ALLOW": "127.0.0.1",
            **(environment or {}),
        }
        command(
            "actor",
            "enroll",
            "--director",
            url,
            "--name",
            name,
            "--token",
            token,
            environment=self.environment,
        )
        self.name = name
        self.process: Process | None = None

    def start(self) -> None:
        """Start it (again)."""
        self.process = Process([str(BIN / "actor"), "run"], self.environment)

    def kill(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process = None


class DirectorProcess:
    """A Director with a client that is an admin, and the Actors that it enrolled.

    It keeps its data in SQLite, unless ``environment`` says otherwise.
    """

    def __init__(self, folder: Path, port: int, environment: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            "DIRECTOR_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'director.db'}",
            "DIRECTOR_PORT": str(port),
            "DIRECTOR_REQUESTS_PER_SECOND": "0",  # some tests ask without a pause
            **(environment or {}),
        }
        token = command(
            "director",
            "api-tokens",
            "create",
            "--name",
            "test",
            "--role",
            "admin",
            environment=self.environment,
        )
        self.api = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=90.0)
        self.process: Process | None = None
        self.actors: list[ActorProcess] = []

    def start(self) -> None:
        """Start it (again) and wait until it serves."""
        self.process = Process([str(BIN / "director"), "serve"], self.environment)
        self.process.wait_for(READY)

    def kill(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process = None

    def close(self) -> None:
        """Kill everything and close the client."""
        for actor in self.actors:
            actor.kill()
        self.kill()
        self.api.close()

    def actor(
        self, name: str, *, started: bool = True, environment: Mapping[str, str] | None = None
    ) -> ActorProcess:
        """Enroll an Actor by its command, and start it."""
        token = self.post("/enrollment-tokens", {})["token"]
        actor = ActorProcess(name, self._folder / name, self.url, token, environment)
        self.actors.append(actor)
        if started:
            actor.start()
        return actor

    def actor_ids(self, *actors: ActorProcess) -> list[str]:
        """Return the ids of Actors."""
        ids = {item["name"]: item["id"] for item in self.get("/actors")["items"]}
        return [ids[actor.name] for actor in actors]

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Read."""
        return self._checked(self.api.get(path, params=params))

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        """Make or start something."""
        return self._checked(self.api.post(path, json=body))

    def put(self, path: str, body: Any) -> dict[str, Any]:
        """Set something."""
        return self._checked(self.api.put(path, json=body))

    def mail_through(self, servers: MailServers) -> None:
        """Let it mail through Postfix, over verified TLS."""
        postfix = servers.postfix
        settings = {"from_address": "director@example.test", "host": postfix.host, "port": postfix.ports.smtp}
        tls = {"ca_certificate": servers.ca_pem}
        self.put("/settings/email", {**settings, "encryption": "starttls", "tls": tls})

    def verify(self, profile: dict[str, Any]) -> dict[str, Any]:
        """Start a verification."""
        return self.post(f"/email-profiles/{profile['id']}/verify")

    def ended(self, run: dict[str, Any]) -> dict[str, Any]:
        """Wait for the end of a verification and return it."""
        read = self.get(f"/verifications/{run['id']}", wait=60)
        if read["state"] == "running":
            read = self.get(f"/verifications/{run['id']}", wait=60)
        assert read["state"] != "running", read
        return read

    @staticmethod
    def _checked(answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body
