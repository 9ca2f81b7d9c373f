"""How the mail layer says that something failed: by a code of the closed list, never by a text.

Exception
├── MailFailure   the attempt is over, for a reason that a person can read up
└── LookAgain     nothing failed and nothing is found yet; nothing need be held until a later look
"""

from collections.abc import Mapping

from pydantic import JsonValue

from wire_contract.failure_codes import FailureCode


class MailFailure(Exception):
    """An expected failure. ``server_reply`` is what the server said, not yet cleaned.

    The exception's text is the code alone: a reply may repeat a secret, and exceptions get logged.
    """

    def __init__(
        self,
        code: FailureCode,
        server_reply: bytes | str | None = None,
        detail: Mapping[str, JsonValue] | None = None,
    ) -> None:
        super().__init__(code.value)
        self.code = code
        self.server_reply = server_reply
        self.detail = dict(detail or {})


class LookAgain(Exception):  # noqa: N818  # it is no error: it hands the wait back
    """Nothing is found yet and nothing should be held open for ``after_seconds``."""

    def __init__(self, after_seconds: float) -> None:
        super().__init__(f"look again in {after_seconds:.0f} s")
        self.after_seconds = after_seconds
