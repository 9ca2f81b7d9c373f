"""The authorities that whoever runs a program trusts in place of the public ones."""

from pathlib import Path

from mail_transport.failures import MailFailure
from wire_contract.failure_codes import FailureCode


def read_authorities(path: Path | None) -> str | None:
    """Return the file's text (PEM), null for the public ones. Raises MailFailure ``tls_ca_unreadable``."""
    if path is None:
        return None
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        raise MailFailure(FailureCode.TLS_CA_UNREADABLE) from None
