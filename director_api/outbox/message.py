"""The messages that the Director sends."""

from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from uuid import UUID

import idna

from director_api.bounces.message_ids import message_id_for
from director_api.clock import utc_now
from wire_contract.verification_code import subject_for

_TEXT = """\
This message verifies that a mailbox can be read by the machines that will use it.
It is read by a program, by its subject. There is nothing to do, and it may be deleted.
"""


def verification_message(from_address: str, to: str, code: str, check_id: UUID) -> EmailMessage:
    """Make the message that carries ``code``: its subject is exactly the code in parentheses."""
    message = _message(from_address, to, subject_for(code), _TEXT)
    message.replace_header("Message-ID", message_id_for(check_id, code, _domain(from_address)))
    return message


def test_message(from_address: str, to: str) -> EmailMessage:
    """Make the message of the test button."""
    return _message(
        from_address, to, "Test of the Director's email settings", "The Director's mail arrives here.\n"
    )


def _message(from_address: str, to: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = from_address
    message["To"] = _in_ascii(to)
    message["Subject"] = subject
    message["Date"] = format_datetime(utc_now())
    message["Message-ID"] = make_msgid(domain=_domain(from_address))
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notice answers it
    message.set_content(text)
    return message


def _domain(address: str) -> str:
    return _in_ascii(address).rpartition("@")[2]


def _in_ascii(address: str) -> str:
    """Return the address with its domain in the form that every mail server takes (RFC 5891)."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"
