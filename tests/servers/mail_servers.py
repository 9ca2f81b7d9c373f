"""Dovecot and Postfix as one mail system: what is sent to a user by SMTP is read by IMAP or POP3."""

from dataclasses import dataclass

from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.mailbox import Mailbox
from tests.servers.postfix import Postfix


@dataclass(frozen=True)
class MailServers:
    """Both servers; each has its `host`, its `ports`, and the same CA."""

    dovecot: Dovecot
    postfix: Postfix

    @property
    def host(self) -> str:
        """The address that everything listens on."""
        return self.dovecot.host

    @property
    def ca_pem(self) -> str:
        """The CA that signed both servers' certificates."""
        return self.dovecot.ca_pem

    def add_user(
        self, name: str | None = None, password: str = PASSWORD, *, username: str | None = None
    ) -> Mailbox:
        """Make an empty mailbox; see `Dovecot.add_user`. Its login holds for SMTP too."""
        return self.dovecot.add_user(name, password, username=username)

    def deliver(self, mailbox: Mailbox, subject: str) -> None:
        """Put a new message into the inbox, past Postfix; see `Dovecot.deliver`."""
        self.dovecot.deliver(mailbox, subject)

    def deliver_to_junk(self, mailbox: Mailbox, subject: str) -> None:
        """Put a new message into the junk folder; see `Dovecot.deliver_to_junk`."""
        self.dovecot.deliver_to_junk(mailbox, subject)
