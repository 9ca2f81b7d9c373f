"""TLS and certificates."""

from wire_contract.failure_codes import FailureCode
from wire_contract.failure_texts.rows import FailureText, Phase, failure, warning

TEXTS: dict[FailureCode, FailureText] = {
    FailureCode.TLS_CERTIFICATE_EXPIRED: failure(
        Phase.TLS,
        "The server's certificate has expired.",
        "Renew the certificate on the server. Check the Actor's clock if the dates shown are fine.",
    ),
    FailureCode.TLS_CERTIFICATE_NOT_YET_VALID: failure(
        Phase.TLS,
        "The server's certificate is not valid yet.",
        "Check the clock of the Actor first, then the certificate on the server.",
    ),
    FailureCode.TLS_SELF_SIGNED: failure(
        Phase.TLS,
        "The server's certificate is self-signed, so nothing vouches for it.",
        "If this is expected, put the certificate in tls.ca_certificate of the profile or its "
        "fingerprint in tls.pinned_sha256.",
    ),
    FailureCode.TLS_UNKNOWN_CA: failure(
        Phase.TLS,
        "The server's certificate comes from an authority that this Actor does not know, or the "
        "server leaves out an intermediate certificate.",
        "For a private authority, put its certificate in tls.ca_certificate of the profile. For a "
        "public one, have the server send its whole chain. On the way to Microsoft or Google a proxy that opens "
        "TLS is the usual reason: name its authority in ACTOR_CA_FILE on the Actor.",
    ),
    FailureCode.TLS_WRONG_HOST: failure(
        Phase.TLS,
        "The server's certificate is for another name than the host of the profile.",
        "Use one of the names that the certificate holds as host, or have a certificate issued for this name.",
    ),
    FailureCode.TLS_PIN_MISMATCH: failure(
        Phase.TLS,
        "The server's certificate is not the one that is pinned in the profile.",
        "If the server's certificate was renewed, change tls.pinned_sha256 to the fingerprint shown. "
        "If it was not, someone may stand between the Actor and the server.",
    ),
    FailureCode.TLS_NOT_OFFERED: failure(
        Phase.TLS,
        "The profile asks for STARTTLS and the server does not offer it.",
        "Use ssl_tls on the protocol's TLS port, or have STARTTLS enabled on the server. If it is "
        "enabled there, a device in between removes it. Nothing secret was sent.",
    ),
    FailureCode.TLS_NOT_SPOKEN: failure(
        Phase.TLS,
        "The profile asks for SSL/TLS and the server answered in plain text.",
        "This port speaks plain text or STARTTLS: set the encryption to starttls, or use the TLS port "
        "(993 for IMAP, 995 for POP3, 465 for SMTP).",
    ),
    FailureCode.TLS_EXPECTED_BY_SERVER: failure(
        Phase.GREETING,
        "The server expects TLS at once and the profile connects in plain text.",
        "Set the encryption to ssl_tls, or use the plain port (143 for IMAP, 110 for POP3, 587 for SMTP) "
        "with starttls.",
    ),
    FailureCode.TLS_PROTOCOL: failure(
        Phase.TLS,
        "Actor and server found no version or cipher of TLS that both accept.",
        "The server most likely speaks only TLS 1.0 or 1.1: enable TLS 1.2 or newer there.",
    ),
    FailureCode.TLS_NOT_VERIFIED: warning(
        Phase.TLS,
        "The server's certificate was not verified, because the profile says so.",
        "Anyone between the Actor and the server can read the password. Set tls.ca_certificate or "
        "tls.pinned_sha256 and verify again.",
    ),
    FailureCode.TLS_CA_UNREADABLE: failure(
        Phase.TLS,
        "The certificate in tls.ca_certificate of the profile could not be read.",
        "Paste one or more certificates in PEM form, from BEGIN CERTIFICATE to END CERTIFICATE.",
    ),
    FailureCode.TLS_CERTIFICATE_EXPIRES_SOON: warning(
        Phase.TLS,
        "The server's certificate expires within 30 days.",
        "Have the mail server's administrator renew it; the step shows when it ends.",
    ),
}
