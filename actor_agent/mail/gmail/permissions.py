"""What the owner's consent lets the app do, held against what verifying needs."""

from mail_transport.google.tokens import Token
from mail_transport.journal import Journal
from wire_contract.failure_codes import FailureCode


def warn_of_excess(token: Token, journal: Journal) -> None:
    """Warn of scopes that the consent covers and nobody here needs."""
    if token.excess:
        journal.warn(FailureCode.GMAIL_EXCESS_PERMISSION, ", ".join(sorted(token.excess)))
