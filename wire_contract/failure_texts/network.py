"""Names, routes and connections."""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts.rows import FailureText, Phase, failure

TEXTS: dict[FailureCode, FailureText] = {
    FailureCode.DNS_NOT_FOUND: failure(
        Phase.RESOLVE,
        "The server's name does not exist, as seen from this Actor.",
        "Check the host for a typing error. If the name exists only inside of the company, this "
        "Actor's zone must use a DNS server that knows it.",
    ),
    FailureCode.DNS_FAILED: failure(
        Phase.RESOLVE,
        "The Actor's DNS server gave no answer for the server's name.",
        "Check the name server that is configured on the Actor, and that its zone may reach it.",
        retryable=True,
    ),
    FailureCode.EGRESS_NOT_ALLOWED: failure(
        Phase.CONNECT,
        "The Actor's own egress list does not allow a connection to this address.",
        "Add the server to ACTOR_EGRESS_ALLOW on the Actor, or use an Actor that may reach it. "
        "Loopback and link-local addresses must always be named.",
    ),
    FailureCode.TCP_REFUSED: failure(
        Phase.CONNECT,
        "The machine was reached, but nothing accepts connections on this port.",
        "Check the port, and that the mail service runs and listens on this address. A firewall that "
        "rejects (rather than drops) looks the same.",
    ),
    FailureCode.TCP_TIMED_OUT: failure(
        Phase.CONNECT,
        "No answer came to the connection attempt within 10 seconds.",
        "A firewall between the Actor's zone and the server most likely drops the packets: ask for "
        "this source, destination and port to be opened. Check also that the server is up.",
        retryable=True,
    ),
    FailureCode.TCP_UNREACHABLE: failure(
        Phase.CONNECT,
        "The Actor has no route to the server's address.",
        "Check the Actor's routes and default gateway, and whether it has IPv6 where the name "
        "resolves to IPv6 alone.",
        retryable=True,
    ),
    FailureCode.PROXY_REFUSED: failure(
        Phase.CONNECT,
        "The proxy between this Actor and the cloud refused the connection.",
        "The reply is the proxy's own, not the cloud's. Have the cloud's host allowed on the proxy for this "
        "Actor, or correct ACTOR_HTTPS_PROXY.",
    ),
}
