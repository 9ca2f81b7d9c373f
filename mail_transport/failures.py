"""How talking to a mail server ends when it does not end well."""

from typing import TYPE_CHECKING

from wire_contract.failure_codes import FailureCode

if TYPE_CHECKING:
    from wire_contract.base import JsonValue


class MailFailure(Exception):  # noqa: N818  # the word of the failure codes and of the documentation
    """The one exception that leaves the mail modules for what can be expected to go wrong.

    ``server_reply`` is what the server said, not cleaned yet, so it is no part of the text.
    """

    def __init__(
        self,
        code: FailureCode,
        server_reply: bytes | str | None = None,
        detail: "dict[str, JsonValue] | None" = None,
    ) -> None:
        super().__init__(code.value)
        self.code = code
        self.server_reply = server_reply
        self.detail = detail or {}


class LookAgain(Exception):  # noqa: N818  # it is no error
    """Nothing is worth holding open until a later look."""

    def __init__(self, after_seconds: float) -> None:
        super().__init__(after_seconds)
        self.after_seconds = after_seconds
