"""What it means for the Director's own mail that a cloud refused, or could not be asked."""

from collections.abc import Iterable

from director_api.outbox.failures import SendFailed
from mail_transport.failures import MailFailure
from mail_transport.waiting import wait_asked_by
from wire_contract.cleaning import clean_reply
from wire_contract.failure_codes import FailureCode

_SIGN_IN = {
    FailureCode.GRAPH_TENANT_NOT_FOUND,
    FailureCode.GRAPH_CLIENT_NOT_FOUND,
    FailureCode.GRAPH_SECRET_INVALID,
    FailureCode.GRAPH_SECRET_EXPIRED,
    FailureCode.GRAPH_CONSENT_MISSING,
    FailureCode.GRAPH_CONDITIONAL_ACCESS,
    FailureCode.GRAPH_SIGN_IN_REFUSED,
    FailureCode.GRAPH_TOKEN_REFUSED,
    FailureCode.GMAIL_KEY_FILE_INVALID,
    FailureCode.GMAIL_SIGN_IN_REFUSED,
    FailureCode.GMAIL_API_NOT_ENABLED,
}
_BY_CODE = {
    **dict.fromkeys(_SIGN_IN, FailureCode.SEND_AUTH_FAILED),
    FailureCode.GRAPH_PERMISSION_MISSING: FailureCode.SEND_NOT_PERMITTED,
    FailureCode.GRAPH_MAILBOX_NOT_PERMITTED: FailureCode.SEND_NOT_PERMITTED,
    FailureCode.GMAIL_DELEGATION_MISSING: FailureCode.SEND_NOT_PERMITTED,
    FailureCode.GMAIL_CONSENT_INSUFFICIENT: FailureCode.SEND_NOT_PERMITTED,
    FailureCode.GMAIL_ACCESS_DENIED: FailureCode.SEND_NOT_PERMITTED,
    FailureCode.GRAPH_MAILBOX_NOT_FOUND: FailureCode.SEND_MAILBOX_MISSING,
    FailureCode.GRAPH_MAILBOX_NOT_ENABLED: FailureCode.SEND_MAILBOX_MISSING,
    FailureCode.GMAIL_MAILBOX_NOT_FOUND: FailureCode.SEND_MAILBOX_MISSING,
    FailureCode.GMAIL_MAILBOX_NOT_ENABLED: FailureCode.SEND_MAILBOX_MISSING,
    FailureCode.SEND_AS_DENIED: FailureCode.SEND_AS_DENIED,
    FailureCode.GRAPH_QUERY_REFUSED: FailureCode.SEND_REJECTED,
}


def send_failed(failure: MailFailure, secrets: Iterable[str]) -> SendFailed:
    """Return the failure of a send. What no table names may pass, so it is tried again until its deadline."""
    said = failure.server_reply or b""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    reply = clean_reply(f"{failure.code}: {text}" if text else failure.code.value, secrets)
    if failure.code.startswith("tls_"):
        return SendFailed(FailureCode.SEND_TLS_FAILED, reply, permanent=True)
    code = _code_of(failure)
    cause = failure.code if failure.code in _SIGN_IN else None
    if code is None:
        wait = wait_asked_by(failure)
        return SendFailed(FailureCode.SEND_DEFERRED, reply, permanent=False, retry_after=wait)
    return SendFailed(code, reply, permanent=True, cause=cause)


def _code_of(failure: MailFailure) -> FailureCode | None:
    # What Gmail has no reason of its own for: a 400 is about the message, anything else about the app.
    if failure.code is FailureCode.GMAIL_ACCESS_DENIED and failure.detail.get("status") == 400:
        return FailureCode.SEND_REJECTED
    return _BY_CODE.get(failure.code)
