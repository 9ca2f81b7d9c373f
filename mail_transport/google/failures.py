"""What Google's answers mean. Unknown ones fail closed, with Google's own words.

https://developers.google.com/workspace/gmail/api/guides/handle-errors,
https://developers.google.com/identity/protocols/oauth2/service-account#error-codes and RFC 6749, section 5.2.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

from mail_transport.failures import MailFailure
from mail_transport.waiting import asked_to_wait, asked_to_wait_until
from mail_transport.web import Answer
from wire_contract.base import JsonValue
from wire_contract.failure_codes import FailureCode

_EXCERPT = 2048
_FOR_CONSENT = {
    "invalid_grant": FailureCode.GMAIL_CONSENT_REVOKED,
    "unauthorized_client": FailureCode.GMAIL_CONSENT_REVOKED,  # the consent was given to another client
    "invalid_scope": FailureCode.GMAIL_CONSENT_INSUFFICIENT,
    "invalid_client": FailureCode.GMAIL_CLIENT_SECRET_WRONG,
    "deleted_client": FailureCode.GMAIL_CLIENT_UNKNOWN,
}
_FOR_SERVICE_ACCOUNT = {
    "invalid_grant": FailureCode.GMAIL_KEY_FILE_INVALID,
    "invalid_client": FailureCode.GMAIL_KEY_FILE_INVALID,
    "deleted_client": FailureCode.GMAIL_KEY_FILE_INVALID,
    "disabled_client": FailureCode.GMAIL_KEY_FILE_INVALID,
    "unauthorized_client": FailureCode.GMAIL_DELEGATION_MISSING,
    "access_denied": FailureCode.GMAIL_DELEGATION_MISSING,
    "invalid_scope": FailureCode.GMAIL_DELEGATION_MISSING,
}
_PASSING = {
    "rate_limit_exceeded": FailureCode.GMAIL_THROTTLED,
    "internal_failure": FailureCode.GMAIL_UNAVAILABLE,
    "server_error": FailureCode.GMAIL_UNAVAILABLE,
    "temporarily_unavailable": FailureCode.GMAIL_UNAVAILABLE,
}
_NO_SUCH_MAILBOX = (
    "not a valid email",
    "invalid email or user id",
    "account has been deleted",
    "invalid impersonation",
)
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
}
_BY_SENTENCE = (
    ("insufficient authentication scopes", FailureCode.GMAIL_CONSENT_INSUFFICIENT),
    ("has not been used in project", FailureCode.GMAIL_API_NOT_ENABLED),
    ("mail service not enabled", FailureCode.GMAIL_MAILBOX_NOT_ENABLED),
)
# "User-rate limit exceeded.  Retry after 2026-11-30T08:00:00.000Z", which comes without a header.
_RETRY_AFTER = re.compile(
    r"retry after ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)Z", re.IGNORECASE
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
    body = json_object(answer) or {}
    error = body.get("error")
    if not isinstance(error, str):
        return api_failure(answer)
    said = _text(error, body.get("error_description"))
    code = _by_status(answer.status) or _PASSING.get(error) or _token_code(error, said, service_account)
    return MailFailure(code, said, _detail(answer))


def api_failure(answer: Answer) -> MailFailure:
    """Return what a refusal of the Gmail API means."""
    error = (json_object(answer) or {}).get("error")
    if not isinstance(error, dict):
        return _without_words(answer)
    reasons = _reasons(error)
    said = _text(" ".join(reasons), error.get("message"))
    code = _api_code(answer.status, reasons, said.lower())
    throttled = code is FailureCode.GMAIL_THROTTLED
    return MailFailure(code, said, (_wait_in_words(answer, said) if throttled else {}) | _detail(answer))


def _token_code(error: str, said: str, service_account: bool) -> FailureCode:
    words = said.lower()
    if error in {"invalid_grant", "invalid_request"} and any(each in words for each in _NO_SUCH_MAILBOX):
        return FailureCode.GMAIL_MAILBOX_NOT_FOUND
    if error == "invalid_client" and "not found" in words and not service_account:
        return FailureCode.GMAIL_CLIENT_UNKNOWN
    table = _FOR_SERVICE_ACCOUNT if service_account else _FOR_CONSENT
    return table.get(error, FailureCode.GMAIL_SIGN_IN_REFUSED)


def _api_code(status: int, reasons: list[str], words: str) -> FailureCode:
    for reason in reasons:
        if reason in _BY_REASON:
            return _BY_REASON[reason]
    for sentence, code in _BY_SENTENCE:
        if sentence in words:
            return code
    if status == 401:
        return FailureCode.GMAIL_SIGN_IN_REFUSED
    return _by_status(status) or FailureCode.GMAIL_ACCESS_DENIED


def _by_status(status: int) -> FailureCode | None:
    if status == 429:
        return FailureCode.GMAIL_THROTTLED
    return FailureCode.GMAIL_UNAVAILABLE if status >= 500 else None


def _without_words(answer: Answer) -> MailFailure:
    """An error without Google's JSON: by its status where that is enough, else something stands in between.

    Google's front ends answer a page in HTML too while a service behind them is away.
    """
    code = _by_status(answer.status) or FailureCode.GMAIL_ANSWER_UNEXPECTED
    kind: dict[str, JsonValue] = {"content_type": answer.headers.get("content-type", "")[:100]}
    is_page = json_object(answer) is None  # else it may hold a token
    return MailFailure(code, answer.body[:_EXCERPT] if is_page else None, kind | _detail(answer))


def _detail(answer: Answer) -> dict[str, JsonValue]:
    return {"status": answer.status, **asked_to_wait(answer)}


def _wait_in_words(answer: Answer, said: str) -> dict[str, JsonValue]:
    """Return until when a sentence of Gmail's asks to be left alone; a header counts more."""
    match = _RETRY_AFTER.search(said)
    try:
        moment = datetime.fromisoformat(match[1]).replace(tzinfo=UTC) if match else None
    except ValueError:
        return {}
    return asked_to_wait_until(moment, answer) if moment else {}


def _reasons(error: dict[str, Any]) -> list[str]:
    entries = [error.get("errors"), error.get("details")]
    listed = [
        each for entry in entries if isinstance(entry, list) for each in entry if isinstance(each, dict)
    ]
    return [reason for each in listed if isinstance(reason := each.get("reason"), str)]


def _text(*parts: object) -> str:
    return ": ".join(part for part in parts if isinstance(part, str) and part)[:_EXCERPT]
