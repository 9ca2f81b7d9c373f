"""Takes mail for the sandbox's users over SMTP, from anyone and without a login (RFC 5321)."""

import asyncio
from email.utils import format_datetime, localtime

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.imap_mailboxes import ImapMailboxes

HOSTNAME = "mail.example.test"


class _Intake:
    """aiosmtpd calls each method by the SMTP command that it is named after."""

    def __init__(self, mailboxes: ImapMailboxes) -> None:
        self._mailboxes = mailboxes

    async def handle_RCPT(  # noqa: N802  # because aiosmtpd looks it up by this name
        self,
        server: SMTP,  # noqa: ARG002  # because aiosmtpd passes it
        session: Session,  # noqa: ARG002  # because aiosmtpd passes it
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002  # because aiosmtpd passes it
    ) -> str:
        if address not in self._mailboxes:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802  # because aiosmtpd looks it up by this name
        self,
        server: SMTP,  # noqa: ARG002  # because aiosmtpd passes it
        session: Session,
        envelope: Envelope,
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)  # noqa: S101  # because decode_data=False says so
        message = _received(session) + content
        for address in envelope.rcpt_tos:
            await self._mailboxes.deliver(address, message)
        return "250 2.0.0 Delivered"


async def serve_smtp(mailboxes: ImapMailboxes, host: str, port: int) -> asyncio.Server:
    """Listen for SMTP; port 0 takes a free one."""
    loop = asyncio.get_running_loop()
    intake = _Intake(mailboxes)
    return await loop.create_server(lambda: SMTP(intake, hostname=HOSTNAME, loop=loop), host, port)


def _received(session: Session) -> bytes:
    # The trace line that RFC 5321 section 4.4 wants of each server.
    peer, *_ = session.peer
    line = f"Received: from {session.host_name} ([{peer}])\r\n\tby {HOSTNAME} with ESMTP; {format_datetime(localtime())}\r\n"
    return line.encode("ascii", "replace")
