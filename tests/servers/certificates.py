"""Certificates of throw-away CAs: a good one, and one for each way that TLS fails."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

LOOPBACK_NAMES = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class ServerCertificate:
    """A certificate chain and its private key, both PEM."""

    chain_pem: bytes
    key_pem: bytes

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write both into `folder` and return (chain file, key file)."""
        chain, key = folder / "server.pem", folder / "server.key"
        chain.write_bytes(self.chain_pem)
        key.touch(mode=0o600)
        key.write_bytes(self.key_pem)
        return chain, key


def valid(ca: trustme.CA, *names: str) -> ServerCertificate:
    """For localhost and 127.0.0.1, and further names."""
    return _from_trustme(ca.issue_cert(*LOOPBACK_NAMES, *names))


def expired(ca: trustme.CA) -> ServerCertificate:
    """Right names, right CA, but it ended yesterday."""
    now = datetime.now(UTC)
    leaf = ca.issue_cert(
        *LOOPBACK_NAMES, not_before=now - timedelta(days=30), not_after=now - timedelta(days=1)
    )
    return _from_trustme(leaf)


def ending_soon(ca: trustme.CA) -> ServerCertificate:
    """Right names, right CA, and good for three weeks more."""
    return _from_trustme(ca.issue_cert(*LOOPBACK_NAMES, not_after=datetime.now(UTC) + timedelta(days=21)))


def not_yet_valid(ca: trustme.CA) -> ServerCertificate:
    """Right names, right CA, but it starts tomorrow."""
    now = datetime.now(UTC)
    leaf = ca.issue_cert(
        *LOOPBACK_NAMES, not_before=now + timedelta(days=1), not_after=now + timedelta(days=30)
    )
    return _from_trustme(leaf)


def for_another_host(ca: trustme.CA) -> ServerCertificate:
    """Right CA, but made for another name."""
    return _from_trustme(ca.issue_cert("mail.elsewhere.test"))


def from_another_ca() -> ServerCertificate:
    """Right names, but from a CA that nobody was told about."""
    return valid(trustme.CA())


def self_signed() -> ServerCertificate:
    """Right names, signed by its own key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return ServerCertificate(certificate.public_bytes(Encoding.PEM), key_pem)


def only_tls_1_0(folder: Path) -> dict[str, str]:
    """Return the environment in which OpenSSL speaks nothing newer, with its settings in `folder`."""
    settings = folder / "tls-1.0.cnf"
    settings.write_text(
        "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = old\n"
        "[old]\nMinProtocol = TLSv1\nMaxProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n"
    )
    return {"OPENSSL_CONF": str(settings)}


def _from_trustme(leaf: trustme.LeafCert) -> ServerCertificate:
    chain = b"".join(pem.bytes() for pem in leaf.cert_chain_pems)
    return ServerCertificate(chain, leaf.private_key_pem.bytes())
