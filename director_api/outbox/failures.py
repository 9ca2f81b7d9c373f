"""How a send fails."""

from wire_contract.failure_codes import FailureCode


class SendFailed(Exception):  # noqa: N818  # it is told apart by its code
    """The message was not taken. ``permanent``: trying again with nothing changed is no use.

    ``retry_after``: seconds that the service asked for. ``cause``: a code that says more than ``code``,
    where there is one.
    """

    def __init__(
        self,
        code: FailureCode,
        server_reply: str,
        *,
        permanent: bool,
        retry_after: float = 0.0,
        cause: FailureCode | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.server_reply = server_reply
        self.permanent = permanent
        self.retry_after = retry_after
        self.cause = cause
