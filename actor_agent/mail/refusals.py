"""Logins that a server refused during a check, so that its later looks don't lock the account."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from wire_contract.failure_codes import FailureCode

KEPT_SECONDS = 3600.0
_MOST = 256
_FINAL = {
    FailureCode.AUTH_INVALID_CREDENTIALS,
    FailureCode.AUTH_APP_PASSWORD_NEEDED,
    FailureCode.AUTH_BASIC_DISABLED,
    FailureCode.AUTH_PROTOCOL_DISABLED,
    FailureCode.AUTH_SMTP_DISABLED_FOR_MAILBOX,
    FailureCode.AUTH_SMTP_DISABLED_FOR_TENANT,
    FailureCode.AUTH_ACCOUNT_LOCKED,
}


@dataclass(frozen=True, slots=True)
class Login:
    """Which account at which server, for which check (by its code's locator). It holds no secret."""

    host: str
    port: int
    username: str
    locator: str


class Refusals:
    """What was refused, each for an hour at most; the oldest makes room beyond 256."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._refused: dict[Login, tuple[float, FailureCode]] = {}

    def remember(self, login: Login, code: FailureCode) -> None:
        """Keep ``code`` if another try could only do harm."""
        if code not in _FINAL or login in self._refused:
            return
        while len(self._refused) >= _MOST:
            del self._refused[next(iter(self._refused))]
        self._refused[login] = self._clock(), code

    def recall(self, login: Login) -> FailureCode | None:
        """Return why ``login`` was refused, or None where it may be tried."""
        began, code = self._refused.get(login, (0.0, None))
        if code is not None and self._clock() - began > KEPT_SECONDS:
            self.forget(login)
            return None
        return code

    def forget(self, login: Login) -> None:
        """The check is over: whoever starts another one wants to know anew."""
        self._refused.pop(login, None)
