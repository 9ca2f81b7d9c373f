"""What a row of the list of failure codes holds."""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """The part of a check that a code belongs to."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    GREETING = "greeting"
    PROTOCOL = "protocol"
    AUTHENTICATE = "authenticate"
    MAILBOX = "mailbox"
    SEARCH = "search"
    ACTOR = "actor"
    DIRECTOR = "director"


class Severity(StrEnum):
    """A failure ends a check; a warning goes beside a result."""

    FAILURE = "failure"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class FailureText:
    """One row of the list. ``retryable``: the same attempt may succeed later with nothing changed."""

    phase: Phase
    severity: Severity
    retryable: bool
    message: str
    hint: str


def failure(phase: Phase, message: str, hint: str, *, retryable: bool = False) -> FailureText:
    """Return the row of a failure."""
    return FailureText(phase, Severity.FAILURE, retryable, message, hint)


def warning(phase: Phase, message: str, hint: str) -> FailureText:
    """Return the row of a warning, which time alone never mends."""
    return FailureText(phase, Severity.WARNING, retryable=False, message=message, hint=hint)
