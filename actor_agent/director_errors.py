"""What can go wrong between Actor and Director, by phase.

::

    DirectorError
     ├── DirectorAway            no answer came
     │    ├── NotConnected       the request never left: name, TCP, TLS
     │    └── AnswerLost         the Director may have acted on it
     ├── AnswerUnreadable        an answer came that the protocol doesn't know
     └── DirectorRefused         an error answer (RFC 9457)
          └── CredentialRefused  401: this Actor is no longer one
"""


class DirectorError(Exception):
    """The message is a sentence for a person and holds no secret."""


class DirectorAway(DirectorError):  # noqa: N818  # named for the condition that it is
    """No answer came."""


class NotConnected(DirectorAway):
    """The Director could not be reached, so it has seen nothing of the request."""


class AnswerLost(DirectorAway):
    """The request was sent, at least in part, and no whole answer came back."""


class AnswerUnreadable(DirectorError):  # noqa: N818  # named for the condition that it is
    """Something answered, but not as a Director does: often a proxy or a wrong URL."""


class DirectorRefused(DirectorError):  # noqa: N818  # named for the condition that it is
    """The Director answered with an error. ``retry_after`` is in seconds, null where it didn't say."""

    def __init__(self, status: int, code: str | None, detail: str, retry_after: float | None = None) -> None:
        super().__init__(f"{detail} ({status}{f' {code}' if code else ''})")
        self.status = status
        self.code = code
        self.retry_after = retry_after


class CredentialRefused(DirectorRefused):
    """The Director does not accept the credential: it was revoked, rotated, or the Actor deleted."""
