"""What Google's answers mean. Unknown ones fail closed, with Google's own words.

https://developers.google.com/workspace/gmail/api/guides/handle-errors and RFC 6749, section 5.2.
"""

import json
from typing import Any

from mail_transport.failures import MailFailure
from mail_transport.web import Answer
from wire_contract.base import JsonValue
from wire_contract.failure_codes import FailureCode

_BY_TOKEN_ERROR = {
    "invalid_grant": FailureCode.GMAIL_CONSENT_REVOKED,
    "invalid_scope": FailureCode.GMAIL_CONSENT_INSUFFICIENT,
    "unauthorized_client": FailureCode.GMAIL_DELEGATION_MISSING,
    "access_denied": FailureCode.GMAIL_DELEGATION_MISSING,
    "admin_policy_enforced": FailureCode.GMAIL_SIGN_IN_REFUSED,
    "rate_limit_exceeded": FailureCode.GMAIL_THROTTLED,
}
_BY_REASON = {
    "rateLimitExceeded": FailureCode.GMAIL_THROTTLED,
    "userRateLimitExceeded": FailureCode.GMAIL_THROTTLED,
    "dailyLimitExceeded": FailureCode.GMAIL_THROTTLED,
    "quotaExceeded": FailureCode.GMAIL_THROTTLED,
    "accessNotConfigured": FailureCode.GMAIL_API_NOT_ENABLED,
    "SERVICE_DISABLED": FailureCode.GMAIL_API_NOT_ENABLED,
    "insufficientPermissions": FailureCode.GMAIL_CONSENT_INSUFFICIENT,
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": FailureCode.GMAIL_CONSENT_INSUFFICIENT,
    "authError": FailureCode.GMAIL_SIGN_IN_REFUSED,
    "failedPrecondition": FailureCode.GMAIL_ACCESS_DENIED,
}
_BY_SENTENCE = (
    ("insufficient authentication scopes", FailureCode.GMAIL_CONSENT_INSUFFICIENT),
    ("has not been used in project", FailureCode.GMAIL_API_NOT_ENABLED),
)


def json_object(answer: Answer) -> dict[str, Any] | None:
    """Return the JSON object that was answered, or None where something else was."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def token_failure(answer: Answer, *, service_account: bool) -> MailFailure:
    """Return what a refusal of the token endpoint means."""
    body = json_object(answer)
    error = body.get("error") if body else None
    if body is None or not isinstance(error, str):
        return _without_words(answer)
    said = _text(error, body.get("error_description"))
    if answer.status == 429 or answer.status >= 500:
        return MailFailure(_by_status(answer.status), said)
    return MailFailure(_token_code(error, said, service_account=service_account), said)


def api_failure(answer: Answer) -> MailFailure:
    """Return what a refusal of the Gmail API means."""
    body = json_object(answer)
    error = body.get("error") if body else None
    if not isinstance(error, dict):
        return _without_words(answer)
    reasons = _reasons(error)
    said = _text(" ".join(reasons), error.get("message"))
    return MailFailure(_api_code(answer.status, reasons, said), said)


def _token_code(error: str, said: str, *, service_account: bool) -> FailureCode:
    words = said.lower()
    if error == "invalid_client":
        unknown = "not found" in words
        return FailureCode.GMAIL_CLIENT_UNKNOWN if unknown else FailureCode.GMAIL_CLIENT_SECRET_WRONG
    if error == "invalid_grant" and service_account:
        unknown = "invalid email or user id" in words
        return FailureCode.MAILBOX_NOT_FOUND if unknown else FailureCode.GMAIL_KEY_FILE_INVALID
    return _BY_TOKEN_ERROR.get(error, FailureCode.GMAIL_SIGN_IN_REFUSED)


def _api_code(status: int, reasons: list[str], said: str) -> FailureCode:
    for reason in reasons:
        if reason in _BY_REASON:
            return _BY_REASON[reason]
    for words, code in _BY_SENTENCE:
        if words in said.lower():
            return code
    if status == 401:
        return FailureCode.GMAIL_SIGN_IN_REFUSED
    if status == 429 or status >= 500:
        return _by_status(status)
    return FailureCode.GMAIL_ACCESS_DENIED


def _by_status(status: int) -> FailureCode:
    return FailureCode.GMAIL_THROTTLED if status == 429 else FailureCode.GMAIL_UNAVAILABLE


def _without_words(answer: Answer) -> MailFailure:
    """An error without Google's JSON: by its status where that is enough, else something stands in between."""
    detail: dict[str, JsonValue] = {
        "status": answer.status,
        "content_type": answer.headers.get("content-type", "")[:100],
    }
    page = "html" in answer.headers.get("content-type", "").lower()
    if not page and (answer.status == 429 or answer.status >= 500):
        return MailFailure(_by_status(answer.status), detail=detail)
    return MailFailure(FailureCode.GMAIL_ANSWER_UNEXPECTED, answer.body[:4096], detail)


def _reasons(error: dict[str, Any]) -> list[str]:
    entries = [error.get("errors"), error.get("details")]
    listed = [
        each for entry in entries if isinstance(entry, list) for each in entry if isinstance(each, dict)
    ]
    return [reason for each in listed if isinstance(reason := each.get("reason"), str)]


def _text(*parts: object) -> str:
    return ": ".join(part for part in parts if isinstance(part, str) and part)
