"""Field types that several domains share: addresses, hosts, certificates."""

import ipaddress
import re
from datetime import UTC, datetime
from typing import Annotated, Any

import idna
from cryptography import x509
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SecretStr,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from director_api.field_errors import ApiModel
from director_api.lengths import MOST_FILE, MOST_LINE, MOST_NAME, MOST_SECRET, MOST_TEXT, Bounded
from wire_contract.base import AnInteger, Flag
from wire_contract.jobs import Encryption

_LABEL = re.compile(r"^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$")
_WRITTEN = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.IGNORECASE)
_FINGERPRINT = re.compile(r"^[0-9a-f]{64}$")
_PEM_BLOCK = re.compile(r"-----BEGIN ([^-]*)-----")
_CERTIFICATES = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")
"""RFC 7468, section 5; the others are what OpenSSL has written."""


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
        return _host_name(value.rstrip("."))


def _host_name(value: str) -> str:
    try:
        # IDNA 2008 (RFC 5891), with the mapping that people's typing needs (UTS 46).
        name = value.lower() if value.isascii() else idna.encode(value, uts46=True).decode()
        labels = name.split(".")
        for label in labels:
            if label.startswith("xn--"):
                idna.ulabel(label)
    except idna.IDNAError as error:
        raise ValueError(f"this is not a host name: {error}") from error
    if len(name) > 253 or labels[-1].isdigit() or not all(_LABEL.match(label) for label in labels):
        raise ValueError(
            "a host is a name such as imap.example.com or an IP address, without a scheme or port"
        )
    return name


def _certificates(value: str) -> str:
    # A file with a certificate and its key is common, and what is pasted here is shown to every viewer.
    if any(what not in _CERTIFICATES for what in _PEM_BLOCK.findall(value)):
        raise ValueError(
            "this holds more than certificates, such as a private key: paste the certificates alone"
        )
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


class NotNull:
    """Marks a field that may be left out of a change, which then leaves it as it is, and is never null."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Refuse null where it is given: what is left out is not validated."""
        return core_schema.no_info_before_validator_function(_refuse_null, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Take null out of what the document says."""
        given = [each for each in handler(schema)["anyOf"] if each != {"type": "null"}]
        return given[0] if len(given) == 1 else {"anyOf": given}


def _refuse_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError("null_type", "this can't be null: leave it out to keep it as it is")
    return value


def _written(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _WRITTEN.match(value)):
        return value
    raise PydanticCustomError("datetime_type", "write it as in 2026-11-24T18:00:00Z")


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this is not a year in UTC") from error


EmailAddress = Annotated[
    str,
    Field(max_length=MOST_LINE, json_schema_extra={"format": "email"}),
    AfterValidator(_address),
    Bounded("lines"),
]
Host = Annotated[
    str,
    Field(
        min_length=1,
        max_length=255,
        description="A name (internationalised ones are stored in their ASCII form) or an IPv4 or IPv6 address",
        examples=["imap.example.com", "192.0.2.10", "2001:db8::25"],
        json_schema_extra={"pattern": r"^(\[[0-9A-Fa-f:.]+\]|[^\s/@?#\[\]\\]+)$"},
    ),
    AfterValidator(_host),
]
_ONE_LINE = r"^[^\x00-\x1f\x7f]+$"
Line = Annotated[str, Field(min_length=1, max_length=MOST_LINE, pattern=_ONE_LINE), Bounded("lines")]
"""Text of one line, without control characters."""
Name = Annotated[str, Field(min_length=1, max_length=MOST_NAME, pattern=_ONE_LINE), Bounded("names")]
"""What people call a thing."""
NO_NUL = r"^[^\x00]*$"
"""What PostgreSQL's text can hold."""
Text = Annotated[str, Field(max_length=MOST_TEXT, pattern=NO_NUL), Bounded("texts")]
"""Text of any number of lines, for people."""
PemCertificates = Annotated[
    str,
    Field(max_length=MOST_FILE, json_schema_extra={"pattern": "-----BEGIN CERTIFICATE-----"}),
    AfterValidator(_certificates),
    Bounded("files"),
]
Fingerprint = Annotated[
    str,
    Field(max_length=95, json_schema_extra={"pattern": "^:*([0-9A-Fa-f]:*){64}$"}),
    AfterValidator(_fingerprint),
]
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
"""A moment as RFC 3339 writes it. Numbers are refused: whether they are seconds or milliseconds is a guess."""
Port = Annotated[int, Field(ge=1, le=65535), AnInteger]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=MOST_SECRET), Bounded("secrets")]
AccountName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MOST_LINE,
        pattern=_ONE_LINE,
        examples=["user@example.com", "CORP\\user"],
    ),
    Bounded("lines"),
]


class Tls(ApiModel):
    """What a server's certificate is held against: public authorities, a private one, or a fingerprint."""

    ca_certificate: PemCertificates | None = None
    pinned_sha256: Fingerprint | None = None
    verify: Flag = True


class SecretState(ApiModel):
    """All that is ever shown of a secret."""

    set: bool
    changed_at: AwareDatetime | None = None


__all__ = [
    "NO_NUL",
    "AccountName",
    "AnInteger",
    "EmailAddress",
    "Encryption",
    "Fingerprint",
    "Flag",
    "Host",
    "Line",
    "Name",
    "PemCertificates",
    "Port",
    "Secret",
    "SecretState",
    "Text",
    "Tls",
]
