"""SASL XOAUTH2: a token in place of a password.

Sources: "IMAP, POP, and SMTP" (XOAUTH2 mechanism), developers.google.com/workspace/gmail; "Authenticate
an IMAP, POP or SMTP connection using OAuth", learn.microsoft.com/exchange.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from mail_transport.failures import MailFailure
from wire_contract.base import JsonValue
from wire_contract.failure_codes import FailureCode
from wire_contract.jobs import PasswordCredentials

_MAX_CHALLENGE = 4096
_SHOWN = ("status", "schemes", "scope")


@dataclass(frozen=True, slots=True)
class TokenLogin:
    """An account's name and a token for its mailbox; ``issued`` shows people who gave out what."""

    username: str
    token: SecretStr
    issued: Mapping[str, JsonValue]


MailLogin = PasswordCredentials | TokenLogin


class Xoauth2:
    """The client's side of one exchange. A refusal comes as a challenge, which is answered with nothing."""

    def __init__(self, login: TokenLogin) -> None:
        self._login = login
        self._spoken = False
        self._refusal: bytes | None = None

    def __call__(self, challenge: bytes) -> bytes:
        """Return the answer to ``challenge``, both decoded. Raises MailFailure for one too many."""
        if not self._spoken:
            self._spoken = True
            token = self._login.token.get_secret_value()
            return f"user={self._login.username}\x01auth=Bearer {token}\x01\x01".encode()
        if self._refusal is not None:
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION, detail={"error": "a challenge too many"})
        self._refusal = challenge[:_MAX_CHALLENGE]
        return b""

    def judged(self, failure: MailFailure) -> MailFailure:
        """Return what a refused login means where a token was refused, and no password."""
        said, code = _refusal_shown(self._refusal), failure.code
        if str(said.get("status", "")).startswith("5"):
            code = FailureCode.AUTH_TEMPORARILY_UNAVAILABLE
        elif code is FailureCode.AUTH_INVALID_CREDENTIALS:
            code = FailureCode.AUTH_TOKEN_REFUSED
        return MailFailure(code, failure.server_reply, failure.detail | said)


def _refusal_shown(challenge: bytes | None) -> dict[str, JsonValue]:
    if not challenge:
        return {}
    try:
        said = json.loads(challenge)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    return {name: str(said[name])[:200] for name in _SHOWN if name in said}
