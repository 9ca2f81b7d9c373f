"""Field types that several domains share: addresses, hosts, certificates."""

import ipaddress
import re
from typing import Annotated

from cryptography import x509
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, AwareDatetime, Field, SecretStr

from director_api.field_errors import ApiModel
from wire_contract.jobs import Encryption

MAX_SECRET = 4096
_LABEL = re.compile(r"^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$")
_FINGERPRINT = re.compile(r"^[0-9a-f]{64}$")


def _address(value: str) -> str:
    try:
        # Test domains are the rule here, and whether mail arrives is what a verification finds out.
        checked = validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"{str(error).rstrip('.')}; an address looks like user@example.com") from error
    return checked.normalized


def _host(value: str) -> str:
    bare = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    try:
        ascii_name = value.rstrip(".").encode("idna").decode() if not value.isascii() else value.rstrip(".")
    except UnicodeError as error:
        raise ValueError("this is not a host name") from error
    if len(ascii_name) > 253 or not all(_LABEL.match(label) for label in ascii_name.split(".")):
        raise ValueError(
            "a host is a name such as imap.example.com or an IP address, without a scheme or port"
        )
    return ascii_name.lower()


def _certificates(value: str) -> str:
    try:
        x509.load_pem_x509_certificates(value.encode())
    except ValueError as error:
        raise ValueError("this is not one or more certificates in PEM form") from error
    return value


def _fingerprint(value: str) -> str:
    plain = value.replace(":", "").lower()
    if not _FINGERPRINT.match(plain):
        raise ValueError("a SHA-256 fingerprint has 64 hexadecimal digits, with or without colons")
    return plain


EmailAddress = Annotated[
    str, Field(max_length=320, json_schema_extra={"format": "email"}), AfterValidator(_address)
]
Host = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_host)]
PemCertificates = Annotated[str, Field(max_length=65_536), AfterValidator(_certificates)]
Fingerprint = Annotated[str, Field(max_length=95), AfterValidator(_fingerprint)]
Port = Annotated[int, Field(ge=1, le=65535)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=MAX_SECRET)]
AccountName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=320,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        examples=["user@example.com", "CORP\\user"],
    ),
]


class Tls(ApiModel):
    """What a server's certificate is held against: public authorities, a private one, or a fingerprint."""

    ca_certificate: PemCertificates | None = None
    pinned_sha256: Fingerprint | None = None
    verify: bool = True


class SecretState(ApiModel):
    """All that is ever shown of a secret."""

    set: bool
    changed_at: AwareDatetime | None = None


__all__ = [
    "AccountName",
    "EmailAddress",
    "Encryption",
    "Fingerprint",
    "Host",
    "PemCertificates",
    "Port",
    "Secret",
    "SecretState",
    "Tls",
]
