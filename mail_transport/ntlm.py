"""NTLM as a SASL mechanism ([MS-NLMP]): the same tokens in IMAP, POP3 and SMTP.

The answers are NTLMv2's. The Actor's host name goes to the server with them, as the protocol has it.
"""

import base64
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

from mail_transport.failures import MailFailure
from mail_transport.journal import Journal
from wire_contract.failure_codes import FailureCode

if TYPE_CHECKING:
    import spnego

Respond = Callable[[bytes], bytes]
"""A SASL mechanism: takes the server's challenge and returns the answer, both decoded."""

_MAX_CHALLENGE = 8192
"""Bytes. A domain controller's challenge has a few hundred: a dozen names of 255 characters at most."""
_HEADER = struct.Struct("<8sIHxxI20xHxxI")  # [MS-NLMP] section 2.2.1.2


def ntlm(username: str, password: str) -> Respond:
    """Return what answers the server: first the negotiate message, then the answer to its one challenge.

    ``username`` is ``user``, ``DOMAIN\\user`` or ``user@domain``. What was prompted first is not
    looked at, since it may be a text for people, such as "NTLM supported".

    Raises:
        MailFailure: ``auth_invalid_credentials`` without a user name; the returned function
            ``protocol_violation`` for what is no challenge, or is one too many.
    """
    import spnego  # noqa: PLC0415  # few profiles use it, so few Actors pay for loading it

    if not username:  # the library would take the login of whoever runs this process
        raise MailFailure(FailureCode.AUTH_INVALID_CREDENTIALS, detail={"error": "no user name"})
    options = spnego.NegotiateOptions.use_ntlm  # not the machine's Kerberos or GSSAPI
    context = spnego.client(username, password, protocol="ntlm", options=options)
    negotiate = context.step() or b""
    begin = iter((negotiate,))

    def respond(challenge: bytes) -> bytes:
        return next(begin, None) or _answer(context, challenge)

    return respond


def masked(respond: Respond, journal: Journal) -> Respond:
    """Return ``respond``, whose answers ``journal`` never shows if a server echoes them."""

    def respond_masked(challenge: bytes) -> bytes:
        answer = respond(challenge)
        journal.mask(base64.b64encode(answer).decode("ascii"))
        return answer

    return respond_masked


def _answer(context: "spnego.ContextProxy", challenge: bytes) -> bytes:
    from spnego.exceptions import SpnegoError  # noqa: PLC0415  # loaded already

    if context.complete or not _is_challenge(challenge):
        raise _violation()
    try:
        return context.step(challenge) or b""
    # What the library raises on a bad payload: its own errors, struct's, an enum's, and a date's.
    except (SpnegoError, ValueError, LookupError, OverflowError, struct.error):
        raise _violation() from None


def _is_challenge(message: bytes) -> bool:
    if not _HEADER.size <= len(message) <= _MAX_CHALLENGE:
        return False
    signature, kind, name_size, name_at, info_size, info_at = _HEADER.unpack_from(message)
    # The library takes what lies past the end for shorter, and would answer a challenge cut in two.
    fields = ((name_size, name_at), (info_size, info_at))
    inside = all(not size or at + size <= len(message) for size, at in fields)
    return signature == b"NTLMSSP\0" and kind == 2 and inside


def _violation() -> MailFailure:
    return MailFailure(FailureCode.PROTOCOL_VIOLATION, detail={"error": "no NTLM challenge"})
