"""What a server says, or doesn't, apart from logins."""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts.rows import FailureText, Phase, failure

TEXTS: dict[FailureCode, FailureText] = {
    FailureCode.CONNECTION_CLOSED: failure(
        Phase.PROTOCOL,
        "The server closed the connection in the middle of the exchange.",
        "Look at the server's log for this time and this client address: a connection limit, a ban "
        "after failed logins, or a crash are the usual reasons.",
        retryable=True,
    ),
    FailureCode.GREETING_MISSING: failure(
        Phase.GREETING,
        "The connection was accepted, but the server said nothing within 15 seconds.",
        "Check that this port belongs to the protocol of the profile and whether it expects TLS at once. "
        "A server that waits for its own DNS or directory is slow to greet too.",
        retryable=True,
    ),
    FailureCode.GREETING_UNEXPECTED: failure(
        Phase.GREETING,
        "What answers on this port does not speak the protocol of the profile.",
        "Compare host and port with the server type: the reply shows what answers there.",
    ),
    FailureCode.GREETING_REFUSED: failure(
        Phase.GREETING,
        "The server turned the connection away before the login.",
        "The reply says why: usually too many connections, a block list, or a service that is shut down.",
        retryable=True,
    ),
    FailureCode.PROTOCOL_VIOLATION: failure(
        Phase.PROTOCOL,
        "The server sent something that the protocol does not allow.",
        "A proxy or a security device in between is the usual reason. Show the reply to the mail server's "
        "administrator.",
    ),
    FailureCode.PROTOCOL_LIMIT_EXCEEDED: failure(
        Phase.PROTOCOL,
        "The server sent more than the Actor accepts in one answer.",
        "Show this to the mail server's administrator: no healthy server sends lines or literals of this size "
        "for what was asked.",
    ),
    FailureCode.REPLY_TIMED_OUT: failure(
        Phase.PROTOCOL,
        "The server did not answer a command in time: within 15 seconds, half a minute where it checks a login, or a "
        "minute where it first has to go through a mailbox.",
        "Look at the load of the mail server and of its directory. If it happens from one zone only, or the step "
        "says that nothing reaches the server any more, look at the devices between that zone and the server.",
        retryable=True,
    ),
}
