"""A server's certificates as a step shows them."""

import hashlib
import ssl
from datetime import UTC, datetime, timedelta

from cryptography import x509
from pydantic import JsonValue

SOON = timedelta(days=30)
_MOST_OF_A_CHAIN = 10
_OF_A_CHAIN = ("subject", "issuer", "not_after", "fingerprint_sha256")


def chain_of(session: ssl.SSLObject) -> list[bytes]:
    """Return the certificates that the server sent, as it sent them, in DER; its own first.

    What was sent is what an administrator must mend, so neither the path that was verified nor the
    machine's own authorities belong to it. ``ssl`` gives it to everyone from Python 3.13 on; before, only
    the object beneath has it (since 3.10), and no other library can look into an asyncio connection.
    """
    if hasattr(session, "get_unverified_chain"):
        return list(session.get_unverified_chain())
    sent = session._sslobj.get_unverified_chain()  # type: ignore[attr-defined]  # noqa: SLF001  # because of the above
    return [ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in sent or ()]


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


def described_chain(chain: list[bytes]) -> list[JsonValue]:
    """Return of each certificate who it is of and from, its end and its fingerprint."""
    described_all = map(described, chain[:_MOST_OF_A_CHAIN])
    return [{name: each[name] for name in _OF_A_CHAIN if name in each} for each in described_all]


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
