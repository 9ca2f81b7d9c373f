"""What each failure and warning code says to a person.

One row each: code, phase, severity, whether time alone may mend it, what happened, what to do.
Texts may be improved at any time; the codes are stable.
"""

from dataclasses import dataclass
from enum import StrEnum

from wire_contract.failure_codes import FailureCode


class Phase(StrEnum):
    """The part of a check that a code belongs to."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    GREETING = "greeting"
    PROTOCOL = "protocol"
    AUTHENTICATE = "authenticate"
    MAILBOX = "mailbox"
    SEARCH = "search"
    ACTOR = "actor"
    DIRECTOR = "director"


class Severity(StrEnum):
    """A failure ends a check; a warning goes beside a result."""

    FAILURE = "failure"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class FailureText:
    """One row of the list. ``retryable``: the same attempt may succeed later with nothing changed."""

    phase: Phase
    severity: Severity
    retryable: bool
    message: str
    hint: str


def _failure(phase: Phase, message: str, hint: str, *, retryable: bool = False) -> FailureText:
    return FailureText(phase, Severity.FAILURE, retryable, message, hint)


def _warning(phase: Phase, message: str, hint: str) -> FailureText:
    return FailureText(phase, Severity.WARNING, retryable=False, message=message, hint=hint)


FAILURE_TEXTS: dict[FailureCode, FailureText] = {
    FailureCode.DNS_NOT_FOUND: _failure(
        Phase.RESOLVE,
        "The server's name does not exist, as seen from this Actor.",
        "Check the host for a typing error. If the name exists only inside of the company, this "
        "Actor's zone must use a DNS server that knows it.",
    ),
    FailureCode.DNS_FAILED: _failure(
        Phase.RESOLVE,
        "The Actor's DNS server gave no answer for the server's name.",
        "Check the name server that is configured on the Actor, and that its zone may reach it.",
        retryable=True,
    ),
    FailureCode.EGRESS_NOT_ALLOWED: _failure(
        Phase.CONNECT,
        "The Actor's own egress list does not allow a connection to this address.",
        "Add the server to ACTOR_EGRESS_ALLOW on the Actor, or use an Actor that may reach it. "
        "Loopback and link-local addresses must always be named.",
    ),
    FailureCode.TCP_REFUSED: _failure(
        Phase.CONNECT,
        "The machine was reached, but nothing accepts connections on this port.",
        "Check the port, and that the mail service runs and listens on this address. A firewall that "
        "rejects (rather than drops) looks the same.",
    ),
    FailureCode.TCP_TIMED_OUT: _failure(
        Phase.CONNECT,
        "No answer came to the connection attempt within 10 seconds.",
        "A firewall between the Actor's zone and the server most likely drops the packets: ask for "
        "this source, destination and port to be opened. Check also that the server is up.",
        retryable=True,
    ),
    FailureCode.TCP_UNREACHABLE: _failure(
        Phase.CONNECT,
        "The Actor has no route to the server's address.",
        "Check the Actor's routes and default gateway, and whether it has IPv6 where the name "
        "resolves to IPv6 alone.",
        retryable=True,
    ),
    FailureCode.CONNECTION_CLOSED: _failure(
        Phase.PROTOCOL,
        "The server closed the connection in the middle of the exchange.",
        "Look at the server's log for this time and this client address: a connection limit, a ban "
        "after failed logins, or a crash are the usual reasons.",
        retryable=True,
    ),
    FailureCode.TLS_CERTIFICATE_EXPIRED: _failure(
        Phase.TLS,
        "The server's certificate has expired.",
        "Renew the certificate on the server. Check the Actor's clock if the dates shown are fine.",
    ),
    FailureCode.TLS_CERTIFICATE_NOT_YET_VALID: _failure(
        Phase.TLS,
        "The server's certificate is not valid yet.",
        "Check the clock of the Actor first, then the certificate on the server.",
    ),
    FailureCode.TLS_SELF_SIGNED: _failure(
        Phase.TLS,
        "The server's certificate is self-signed, so nothing vouches for it.",
        "If this is expected, put the certificate in tls.ca_certificate of the profile or its "
        "fingerprint in tls.pinned_sha256.",
    ),
    FailureCode.TLS_UNKNOWN_CA: _failure(
        Phase.TLS,
        "The server's certificate comes from an authority that this Actor does not know, or the "
        "server leaves out an intermediate certificate.",
        "For a private authority, put its certificate in tls.ca_certificate of the profile. For a "
        "public one, have the server send its whole chain.",
    ),
    FailureCode.TLS_WRONG_HOST: _failure(
        Phase.TLS,
        "The server's certificate is for another name than the host of the profile.",
        "Use one of the names that the certificate holds as host, or have a certificate issued for this name.",
    ),
    FailureCode.TLS_PIN_MISMATCH: _failure(
        Phase.TLS,
        "The server's certificate is not the one that is pinned in the profile.",
        "If the server's certificate was renewed, change tls.pinned_sha256 to the fingerprint shown. "
        "If it was not, someone may stand between the Actor and the server.",
    ),
    FailureCode.TLS_NOT_OFFERED: _failure(
        Phase.TLS,
        "The profile asks for STARTTLS and the server does not offer it.",
        "Use ssl_tls on the protocol's TLS port, or have STARTTLS enabled on the server. If it is "
        "enabled there, a device in between removes it. Nothing secret was sent.",
    ),
    FailureCode.TLS_NOT_SPOKEN: _failure(
        Phase.TLS,
        "The profile asks for SSL/TLS and the server answered in plain text.",
        "This port speaks plain text or STARTTLS: set the encryption to starttls, or use the TLS port "
        "(993 for IMAP, 995 for POP3, 465 for SMTP).",
    ),
    FailureCode.TLS_EXPECTED_BY_SERVER: _failure(
        Phase.GREETING,
        "The server expects TLS at once and the profile connects in plain text.",
        "Set the encryption to ssl_tls, or use the plain port (143 for IMAP, 110 for POP3, 587 for SMTP) "
        "with starttls.",
    ),
    FailureCode.TLS_PROTOCOL: _failure(
        Phase.TLS,
        "Actor and server found no version or cipher of TLS that both accept.",
        "The server most likely speaks only TLS 1.0 or 1.1: enable TLS 1.2 or newer there.",
    ),
    FailureCode.TLS_NOT_VERIFIED: _warning(
        Phase.TLS,
        "The server's certificate was not verified, because the profile says so.",
        "Anyone between the Actor and the server can read the password. Set tls.ca_certificate or "
        "tls.pinned_sha256 and verify again.",
    ),
    FailureCode.TLS_CA_UNREADABLE: _failure(
        Phase.TLS,
        "The certificate in tls.ca_certificate of the profile could not be read.",
        "Paste one or more certificates in PEM form, from BEGIN CERTIFICATE to END CERTIFICATE.",
    ),
    FailureCode.GREETING_MISSING: _failure(
        Phase.GREETING,
        "The connection was accepted, but the server said nothing within 15 seconds.",
        "Check that this port belongs to the protocol of the profile and whether it expects TLS at once. "
        "A server that waits for its own DNS or directory is slow to greet too.",
        retryable=True,
    ),
    FailureCode.GREETING_UNEXPECTED: _failure(
        Phase.GREETING,
        "What answers on this port does not speak the protocol of the profile.",
        "Compare host and port with the server type: the reply shows what answers there.",
    ),
    FailureCode.GREETING_REFUSED: _failure(
        Phase.GREETING,
        "The server turned the connection away before the login.",
        "The reply says why: usually too many connections, a block list, or a service that is shut down.",
        retryable=True,
    ),
    FailureCode.PROTOCOL_VIOLATION: _failure(
        Phase.PROTOCOL,
        "The server sent something that the protocol does not allow.",
        "A proxy or a security device in between is the usual reason. Show the reply to the mail server's "
        "administrator.",
    ),
    FailureCode.PROTOCOL_LIMIT_EXCEEDED: _failure(
        Phase.PROTOCOL,
        "The server sent more than the Actor accepts in one answer.",
        "Show this to the mail server's administrator: no healthy server sends lines or literals of this size "
        "for what was asked.",
    ),
    FailureCode.REPLY_TIMED_OUT: _failure(
        Phase.PROTOCOL,
        "The server did not answer a command within 15 seconds.",
        "Look at the load of the mail server and of its directory. If it happens from one zone only, look at "
        "the devices between that zone and the server.",
        retryable=True,
    ),
    FailureCode.AUTH_INVALID_CREDENTIALS: _failure(
        Phase.AUTHENTICATE,
        "The server refused the account's name or password.",
        "Enter the password again. Check how the server wants the name: user@domain, DOMAIN\\user or user.",
    ),
    FailureCode.AUTH_APP_PASSWORD_NEEDED: _failure(
        Phase.AUTHENTICATE,
        "The provider refuses the account's own password for mail programs.",
        "Create an app password in the account's security settings and enter it here, or use the provider's "
        "own server type.",
    ),
    FailureCode.AUTH_BASIC_DISABLED: _failure(
        Phase.AUTHENTICATE,
        "The provider has turned off login by password for this mailbox or the whole organisation.",
        "An app password does not help. Use the server type microsoft_graph, or authentication xoauth2.",
    ),
    FailureCode.AUTH_MECHANISM_NOT_OFFERED: _failure(
        Phase.AUTHENTICATE,
        "The server does not offer the authentication that the profile asks for.",
        "Choose one of the mechanisms that the server offers, as the step shows, or have this one enabled. "
        "Some servers offer passwords only after encryption.",
    ),
    FailureCode.AUTH_ACCOUNT_LOCKED: _failure(
        Phase.AUTHENTICATE,
        "The account is locked or disabled.",
        "Have the account unlocked, find out what locked it, and verify again.",
    ),
    FailureCode.AUTH_TEMPORARILY_UNAVAILABLE: _failure(
        Phase.AUTHENTICATE,
        "The server cannot check passwords at the moment.",
        "Its directory (LDAP, Active Directory) is most likely away. Verify again later.",
        retryable=True,
    ),
    FailureCode.AUTH_WITHOUT_ENCRYPTION: _warning(
        Phase.AUTHENTICATE,
        "The login went over the network without encryption: whoever listens can read or crack the password.",
        "Set the encryption to starttls or ssl_tls if the server has it.",
    ),
    FailureCode.AUTH_NOT_ATTEMPTED: _failure(
        Phase.AUTHENTICATE,
        "Another Actor's login failed, so this Actor did not try: repeated attempts would lock the account.",
        "Mend what the other Actor reports and verify again.",
    ),
    FailureCode.AUTH_BUDGET_EXHAUSTED: _failure(
        Phase.AUTHENTICATE,
        "Too many logins to this account failed within the last hour, so none was tried.",
        "Correct the password first. Attempts are free again an hour after the last failure.",
        retryable=True,
    ),
    FailureCode.MAILBOX_NOT_FOUND: _failure(
        Phase.MAILBOX,
        "The login worked, but the mailbox does not exist.",
        "Check the mailbox of the profile. For a new account, log in once so that the server creates it.",
    ),
    FailureCode.MAILBOX_NOT_PERMITTED: _failure(
        Phase.MAILBOX,
        "The login worked, but the account may not open this mailbox.",
        "Have the account given the right to read the mailbox, or correct the mailbox of the profile.",
    ),
    FailureCode.MAILBOX_IN_USE: _failure(
        Phase.MAILBOX,
        "Another program holds the mailbox open and the server admits only one.",
        "Use a dedicated mailbox that no person or other program reads.",
        retryable=True,
    ),
    FailureCode.MAILBOX_UNAVAILABLE: _failure(
        Phase.MAILBOX,
        "The login worked, but the server could not open the mailbox.",
        "The reply says why: a full disk, a damaged index or maintenance are the usual reasons.",
        retryable=True,
    ),
    FailureCode.CODE_NOT_FOUND: _failure(
        Phase.SEARCH,
        "The mailbox can be read, but the message with the verification code did not arrive in time.",
        "Look for the message on its way: the mail server's queue, a quarantine, a rule that moves it. "
        "If the Director's mail cannot reach this account, send the code by hand (manual mode).",
        retryable=True,
    ),
    FailureCode.CODE_MISMATCH: _failure(
        Phase.SEARCH,
        "The Actor reported a code that is not the one that was sent.",
        "The mailbox may hold a forged or mutilated message. If it does not, treat the Actor as compromised: "
        "delete it and enroll a new one.",
    ),
    FailureCode.FOUND_IN_JUNK: _warning(
        Phase.SEARCH,
        "The message was found in the junk folder.",
        "Have the Director's address allowed by the mail server's spam filter.",
    ),
    FailureCode.MESSAGE_NOT_DELETED: _warning(
        Phase.SEARCH,
        "The verification message could not be deleted after it was found.",
        "The account lacks the right to delete. Delete the message by hand or turn off "
        "delete_verification_message.",
    ),
    FailureCode.ACTOR_OFFLINE: _failure(
        Phase.ACTOR,
        "The Actor did not ask for work in time.",
        "Check on the VM that the Actor runs (actor status) and that it can reach the Director.",
        retryable=True,
    ),
    FailureCode.LEASE_LOST: _failure(
        Phase.ACTOR,
        "The Actor took the check and was not heard of again, three times.",
        "Look at the Actor's log on the VM: it stops in the middle of a check or loses its connection.",
        retryable=True,
    ),
    FailureCode.UNSUPPORTED_JOB: _failure(
        Phase.ACTOR,
        "The Actor's version cannot do this kind of check.",
        "Install a newer version of the Actor on this VM.",
    ),
    FailureCode.SEAL_UNREADABLE: _failure(
        Phase.ACTOR,
        "The Actor could not open the credentials that were sealed for it.",
        "Enroll the Actor again: its key and the key that the Director knows differ.",
    ),
    FailureCode.ACTOR_ERROR: _failure(
        Phase.ACTOR,
        "The Actor met an error of its own.",
        "Look at the Actor's log on the VM and report it: this is a defect.",
        retryable=True,
    ),
    FailureCode.PROFILE_CHANGED: _failure(
        Phase.DIRECTOR,
        "The profile was changed since the last verification.",
        "Verify again.",
    ),
    FailureCode.SEND_NOT_CONFIGURED: _failure(
        Phase.DIRECTOR,
        "The Director has no mail server of its own to send with.",
        "Set one under Email Settings (PUT /settings/email), or send the code by hand (manual mode).",
    ),
    FailureCode.SEND_DEFERRED: _failure(
        Phase.DIRECTOR,
        "The Director's mail server did not take the message in time.",
        "The reply shows the last attempt. Check the Director's mail server and its greylisting, then verify again.",
        retryable=True,
    ),
    FailureCode.SEND_REJECTED: _failure(
        Phase.DIRECTOR,
        "The Director's mail server refused the message.",
        "The reply says why: most often the address does not exist or the Director may not relay to it.",
    ),
    FailureCode.SEND_AUTH_FAILED: _failure(
        Phase.DIRECTOR,
        "The Director could not log in to its own mail server.",
        "Correct user name and password under Email Settings (PUT /settings/email).",
    ),
    FailureCode.SEND_TLS_FAILED: _failure(
        Phase.DIRECTOR,
        "The Director's mail server could not be reached over verified TLS.",
        "Correct encryption and tls under Email Settings (PUT /settings/email).",
    ),
}
