"""What an Actor keeps between runs: who it is, and the key that credentials are sealed to."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from actor_agent.private_files import StateError, read_private, write_private
from actor_agent.secret import Secret

ENROLLED_FILE = "actor.json"
PENDING_FILE = "enrolling.json"
LOCK_FILE = "run.lock"


class Enrollment(NamedTuple):
    """An Actor that the Director knows. ``private_key``: X25519, base64url as in JWK (RFC 8037)."""

    director_url: str
    name: str
    actor_id: str
    credential: Secret
    private_key: Secret
    poll_seconds: float
    renew_seconds: float


class PendingEnrollment(NamedTuple):
    """A key that was, or may have been, sent with a token whose SHA-256 this is."""

    token_sha256: str
    private_key: Secret


Kept = TypeVar("Kept", Enrollment, PendingEnrollment)


class State:
    """The state folder of one Actor. Every method raises ``StateError`` with a sentence for a person."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def enrollment(self) -> Enrollment | None:
        """Return who this Actor is; null before it enrolled."""
        return self._read(ENROLLED_FILE, Enrollment)

    def pending(self) -> PendingEnrollment | None:
        """Return the enrollment that was begun and not ended, if any."""
        return self._read(PENDING_FILE, PendingEnrollment)

    def begin(self, pending: PendingEnrollment) -> None:
        """Keep the key of an enrollment before it is sent, since its answer may get lost."""
        self._write(PENDING_FILE, pending)

    def finish(self, enrollment: Enrollment) -> None:
        """Keep who this Actor now is, and forget what was pending."""
        self._write(ENROLLED_FILE, enrollment)
        (self.folder / PENDING_FILE).unlink(missing_ok=True)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hold the folder for one ``actor run``: two with one credential would take each other's work."""
        path = self.folder / LOCK_FILE
        try:
            with path.open("a") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield
        except BlockingIOError:
            raise StateError(f"Another actor run uses {self.folder}; stop it first.") from None

    def in_use(self) -> bool:
        """Tell whether an ``actor run`` holds the folder."""
        try:
            with self.running():
                return False
        except StateError:
            return True

    def _read(self, name: str, kind: type[Kept]) -> Kept | None:
        path = self.folder / name
        text = read_private(path)
        if text is None:
            return None
        try:
            return _parsed(kind, text)
        except ValueError as error:
            raise StateError(f"{path} is damaged: {error}. Enroll again.") from None

    def _write(self, name: str, kept: Enrollment | PendingEnrollment) -> None:
        write_private(self.folder / name, json.dumps(_in_clear(kept), indent=2) + "\n")


def _parsed(kind: type[Kept], text: str) -> Kept:
    """Read what ``_in_clear`` gave. Raises ValueError with what is wrong, which quotes no value."""
    given = json.loads(text)
    kinds = kind.__annotations__
    if not isinstance(given, dict) or set(given) != set(kinds):
        raise ValueError(f"it holds something else than {', '.join(kinds)}")
    return kind(**{name: _value(kinds[name], name, value) for name, value in given.items()})


def _value(kind: Any, name: str, given: object) -> Any:
    if kind is float and isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    if kind is not float and isinstance(given, str):
        return kind(given)
    raise ValueError(f"{name} is not what it should be")


def _in_clear(kept: Enrollment | PendingEnrollment) -> dict[str, object]:
    return {
        name: value.get_secret_value() if isinstance(value, Secret) else value
        for name, value in kept._asdict().items()
    }
