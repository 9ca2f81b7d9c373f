"""SMTP that hands each message to a test: for mailboxes that no mail server of the tests has."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers.ports import HOST, free_ports

Deliver = Callable[[str, str], object]
"""Is given an address and a subject."""


class _Drop:
    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver

    async def handle_DATA(  # noqa: N802  # because aiosmtpd looks it up by this name
        self,
        server: SMTP,  # noqa: ARG002  # because aiosmtpd passes it
        session: Session,  # noqa: ARG002  # because aiosmtpd passes it
        envelope: Envelope,
    ) -> str:
        assert isinstance(envelope.content, bytes)
        subject = str(message_from_bytes(envelope.content, policy=policy.default)["Subject"])
        for address in envelope.rcpt_tos:
            self._deliver(address, subject)
        return "250 2.0.0 Delivered"


@contextmanager
def mail_drop(deliver: Deliver) -> Iterator[int]:
    """Take mail for anyone; yields the port."""
    (port,) = free_ports(1)
    controller = Controller(_Drop(deliver), hostname=HOST, port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
