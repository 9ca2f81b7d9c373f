"""Handing one message to a server that is logged in to: MAIL, RCPT and DATA (RFC 5321 section 3.3)."""

import re
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from mail_transport.smtp.replies import Reply
from mail_transport.smtp.session import Session

_REPLY_SECONDS = 30.0
_CONTENT_SECONDS = 60.0
"""Many servers look for malware ahead of this answer; whoever gives up sends the message twice."""


class NotTaken(Exception):  # noqa: N818  # it is told apart by the reply
    """The server refused the message; its reply says for now (4xx) or for good (5xx)."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.code)
        self.reply = reply


async def hand_over(session: Session, sender: str, recipient: str, message: EmailMessage) -> Reply:
    """Send ``message`` and return the last reply, which often names the server's queue id.

    Raises:
        NotTaken: the server said no.
        MailFailure: ``reply_timed_out``, ``connection_closed``, ``protocol_*``.
    """
    international = not (sender + recipient).isascii()
    if international and "SMTPUTF8" not in session.extensions:  # RFC 6531 section 3.2
        raise NotTaken(Reply(553, (b"5.6.7 The server takes no addresses outside ASCII",)))
    parameters = b" SMTPUTF8" if international else b""
    await _expect(2, session, b"MAIL FROM:<" + sender.encode() + b">" + parameters)
    await _expect(2, session, b"RCPT TO:<" + recipient.encode() + b">")
    await _expect(3, session, b"DATA")
    content = message.as_bytes(policy=SMTPUTF8 if international else SMTP)
    return await _expect(2, session, _stuffed(content) + b".", _CONTENT_SECONDS)


async def _expect(hundreds: int, session: Session, command: bytes, seconds: float = _REPLY_SECONDS) -> Reply:
    reply = await session.command(command, seconds)
    if reply.code // 100 != hundreds:
        raise NotTaken(reply)
    return reply


def _stuffed(content: bytes) -> bytes:
    """Double each dot that begins a line (RFC 5321 section 4.5.2), and end the last line."""
    stuffed = re.sub(rb"(?m)^\.", b"..", content)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
