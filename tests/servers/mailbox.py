"""A mailbox of the test servers, and the messages that are put into it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

DOMAIN = "example.test"

# Localised, with a space and a letter outside ASCII: only SPECIAL-USE (RFC 6154) finds it.
JUNK_FOLDER = "Courrier indésirable"

# The same name on the wire, in the modified UTF-7 of RFC 3501 section 5.1.3.
JUNK_FOLDER_ON_THE_WIRE = "Courrier ind&AOk-sirable"


@dataclass(frozen=True)
class Mailbox:
    """Who a mailbox belongs to. `username` is what logs in, which need not be the address."""

    address: str
    username: str
    password: str = field(repr=False)

    @property
    def name(self) -> str:
        """The address's local part, which is also the mailbox's name on the server."""
        return self.address.partition("@")[0]


def message(
    subject: str, *, to: str, sender: str = f"director@{DOMAIN}", date: datetime | None = None
) -> bytes:
    """A short plain message as it goes over the wire (CRLF); a long subject is folded."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(date or datetime.now(UTC))
    mail["Message-ID"] = make_msgid(domain=DOMAIN)
    mail.set_content("Sent by a test.\n")
    return mail.as_bytes(policy=SMTP)
