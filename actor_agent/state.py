"""What an Actor keeps between runs: who it is, and the key that credentials are sealed to."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from actor_agent.private_files import StateError, read_private, write_private

ENROLLED_FILE = "actor.json"
PENDING_FILE = "enrolling.json"
LOCK_FILE = "run.lock"


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Enrollment(_Kept):
    """An Actor that the Director knows. ``private_key``: X25519, base64url as in JWK (RFC 8037)."""

    director_url: str
    name: str
    actor_id: UUID
    credential: SecretStr
    private_key: SecretStr
    poll_seconds: float
    renew_seconds: float


class PendingEnrollment(_Kept):
    """A key that was, or may have been, sent with a token whose SHA-256 this is."""

    token_sha256: str
    private_key: SecretStr


Kept = TypeVar("Kept", bound=_Kept)


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

    def _read(self, name: str, model: type[Kept]) -> Kept | None:
        path = self.folder / name
        text = read_private(path)
        if text is None:
            return None
        try:
            return model.model_validate_json(text)
        except ValidationError as error:
            raise StateError(f"{path} is damaged: {error.errors()[0]['msg']}. Enroll again.") from None

    def _write(self, name: str, kept: _Kept) -> None:
        write_private(self.folder / name, json.dumps(_in_clear(kept), indent=2) + "\n")


def _in_clear(kept: _Kept) -> dict[str, object]:
    shown = kept.model_dump(mode="json")
    values = {name: getattr(kept, name) for name in shown}
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else shown[name]
        for name, value in values.items()
    }
