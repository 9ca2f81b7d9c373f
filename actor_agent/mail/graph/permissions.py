"""What the app's token says that it may do, held against what verifying needs."""

from mail_transport.journal import Journal
from mail_transport.microsoft.tokens import Token
from wire_contract.failure_codes import FailureCode

_NEEDED = frozenset({"Mail.ReadBasic.All", "Mail.Send"})
_SEND = "Mail.Send"
_DELETE = "Mail.ReadWrite"


def warn_of_permissions(token: Token, journal: Journal, *, deletes: bool) -> None:
    """Warn of a permission to send that is missing, and of those in excess. Nothing is sent.

    A permission that Exchange gives (RBAC for Applications) is in no token.
    """
    if _SEND not in token.roles:
        journal.warn(FailureCode.GRAPH_SEND_NOT_PERMITTED)
    excess = token.roles - _NEEDED - ({_DELETE} if deletes else set())
    if excess:
        journal.warn(FailureCode.GRAPH_EXCESS_PERMISSION, ", ".join(sorted(excess)))
