"""SASL mechanisms for AUTH (RFC 4954): each takes a decoded challenge and gives the decoded answer."""

import hashlib
import hmac

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


def cram_md5(username: str, password: str) -> Respond:
    """CRAM-MD5 (RFC 2195): the password keys a digest of the challenge. One challenge is answered."""
    answered = False

    def respond(challenge: bytes) -> bytes:
        nonlocal answered
        if answered:
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION)
        answered = True
        digest = hmac.new(password.encode(), challenge, hashlib.md5).hexdigest()
        return f"{username} {digest}".encode()

    return respond


def _once(*messages: bytes) -> Respond:
    left = iter(messages)

    def respond(_: bytes) -> bytes:
        message = next(left, None)
        if message is None:  # nothing is left to say, and a secret is not said twice
            raise MailFailure(FailureCode.PROTOCOL_VIOLATION)
        return message

    return respond
