"""What the TLS library raises, in the words of the closed list."""

import ssl

from mail_transport.failures import MailFailure
from wire_contract.failure_codes import FailureCode

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_BY_VERIFY_CODE = {
    9: FailureCode.TLS_CERTIFICATE_NOT_YET_VALID,
    10: FailureCode.TLS_CERTIFICATE_EXPIRED,
    18: FailureCode.TLS_SELF_SIGNED,
    62: FailureCode.TLS_WRONG_HOST,
    64: FailureCode.TLS_WRONG_HOST,
}
# What OpenSSL calls bytes that are no TLS record.
_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")


def failure_of(error: Exception) -> MailFailure:
    """Return the failure that a handshake's ``error`` means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _not_trusted(error)
    if isinstance(error, ssl.SSLEOFError | ConnectionError):
        return MailFailure(FailureCode.CONNECTION_CLOSED)
    if isinstance(error, ssl.SSLError):
        reason = error.reason or ""
        code = FailureCode.TLS_NOT_SPOKEN if reason in _NOT_TLS else FailureCode.TLS_PROTOCOL
        return MailFailure(code, detail={"error": reason})
    if isinstance(error, TimeoutError):
        return MailFailure(FailureCode.REPLY_TIMED_OUT)
    if isinstance(error, ValueError):  # a host that can't be a server name, such as one that ends in a dot
        return MailFailure(FailureCode.TLS_WRONG_HOST)
    return MailFailure(FailureCode.CONNECTION_CLOSED)


def _not_trusted(error: ssl.SSLCertVerificationError) -> MailFailure:
    code = _BY_VERIFY_CODE.get(error.verify_code, FailureCode.TLS_UNKNOWN_CA)
    return MailFailure(code, detail={"verify_code": error.verify_code, "reason": error.verify_message})
