"""SASL mechanisms for AUTH (RFC 4954): each takes a decoded challenge and gives the decoded answer."""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from mail_transport.failures import MailFailure
from wire_contract.failure_codes import FailureCode

if TYPE_CHECKING:
    import spnego

Respond = Callable[[bytes], bytes]


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


def ntlm(username: str, password: str) -> Respond:
    """NTLM as [MS-SMTPNTLM] has it: negotiate, then the answer to the one challenge.

    Raises MailFailure: a name or password that can't be said.
    """
    import spnego  # noqa: PLC0415  # few profiles use it, so few Actors pay for loading it
    from spnego.exceptions import SpnegoError  # noqa: PLC0415  # the same

    try:
        options = spnego.NegotiateOptions.use_ntlm
        context = spnego.client(username, password, protocol="ntlm", options=options)
        negotiate = context.step() or b""
    except (SpnegoError, ValueError):
        raise MailFailure(FailureCode.AUTH_INVALID_CREDENTIALS, detail={"error": "not for NTLM"}) from None
    begin = iter((negotiate,))

    def respond(challenge: bytes) -> bytes:
        # The first is a text for people, such as "NTLM supported".
        return next(begin, None) or _answer(context, challenge)

    return respond


def _answer(context: "spnego.ContextProxy", challenge: bytes) -> bytes:
    from spnego.exceptions import SpnegoError  # noqa: PLC0415  # loaded already

    if context.complete or not challenge:
        raise MailFailure(FailureCode.PROTOCOL_VIOLATION)
    try:
        return context.step(challenge) or b""
    # What the library raises on bytes that are no challenge: its own errors, struct's, and a date's.
    except (SpnegoError, ValueError, IndexError, OverflowError, struct.error):
        raise MailFailure(FailureCode.PROTOCOL_VIOLATION, detail={"error": "no NTLM challenge"}) from None
