"""SASL mechanisms for AUTH (RFC 4954): each takes a decoded challenge and gives the decoded answer."""

from mail_transport.failures import MailFailure
from mail_transport.ntlm import Respond
from wire_contract.failure_codes import FailureCode


def plain(username: str, password: str) -> Respond:
    """PLAIN (RFC 4616). Raises MailFailure: it has no way to say a NUL."""
    if "\0" in username + password:
        raise MailFailure(FailureCode.AUTH_INVALID_CREDENTIALS, detail={"error": "NUL in name or password"})
    return _once(f"\0{username}\0{password}".encode())


def login(username: str, password: str) -> Respond:
    """LOGIN, which no RFC defines: the name, then the password, whatever the prompts say."""
    return _once(username.encode(), password.encode())


def _once(*messages: bytes) -> Respond:
    left = iter(messages)

    def respond(_: bytes) -> bytes:
        message = next(left, None)
        if message is None:  # nothing is left to say, and a secret is not said twice
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION)
        return message

    return respond
