"""A server's certificate as a step shows it."""

import hashlib
from datetime import UTC, datetime, timedelta

from cryptography import x509
from pydantic import JsonValue

SOON = timedelta(days=30)


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate in DER, in plain lower-case hex."""
    return hashlib.sha256(der).hexdigest()


def described(der: bytes) -> dict[str, JsonValue]:
    """Return subject, issuer, names, validity and fingerprint; of an unreadable one the fingerprint alone."""
    shown: dict[str, JsonValue] = {"fingerprint_sha256": fingerprint(der)}
    try:
        certificate = x509.load_der_x509_certificate(der)
        return shown | {
            "subject": certificate.subject.rfc4514_string(),
            "issuer": certificate.issuer.rfc4514_string(),
            "not_before": certificate.not_valid_before_utc.isoformat(),
            "not_after": certificate.not_valid_after_utc.isoformat(),
            "names": _names(certificate),
        }
    except ValueError:
        return shown


def expires_soon(der: bytes, now: datetime | None = None) -> bool:
    """Tell whether a certificate in DER ends within 30 days, by this machine's clock."""
    try:
        end = x509.load_der_x509_certificate(der).not_valid_after_utc
    except ValueError:
        return False
    return end - (now or datetime.now(UTC)) < SOON


def _names(certificate: x509.Certificate) -> list[JsonValue]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    dns: list[JsonValue] = list(names.get_values_for_type(x509.DNSName))
    return dns + [str(address) for address in names.get_values_for_type(x509.IPAddress)]
