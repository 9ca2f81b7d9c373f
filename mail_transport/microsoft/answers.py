"""What Entra and Graph answer when they refuse, in the words of the closed list.

Microsoft asks programs not to depend on AADSTS codes: here they choose a hint, and the raw text and
the correlation id go with it. What is not in a table is refused under a general code.
Sources: "Microsoft Entra authentication and authorization error codes"; "Microsoft Graph error
responses and resource types"; "Microsoft Graph throttling guidance".
"""

import json
import re
from typing import Any

from mail_transport.failures import MailFailure
from mail_transport.waiting import asked_to_wait
from mail_transport.web import Answer
from wire_contract.base import JsonValue
from wire_contract.failure_codes import FailureCode

_SIGN_IN = {
    7000215: FailureCode.GRAPH_SECRET_INVALID,
    7000222: FailureCode.GRAPH_SECRET_EXPIRED,
    700016: FailureCode.GRAPH_CLIENT_NOT_FOUND,
    90002: FailureCode.GRAPH_TENANT_NOT_FOUND,
    900023: FailureCode.GRAPH_TENANT_NOT_FOUND,
    65001: FailureCode.GRAPH_CONSENT_MISSING,
    90094: FailureCode.GRAPH_CONSENT_MISSING,
    53003: FailureCode.GRAPH_CONDITIONAL_ACCESS,
    90055: FailureCode.GRAPH_THROTTLED,
}
_GRAPH = {
    "InvalidAuthenticationToken": FailureCode.GRAPH_TOKEN_REFUSED,
    "ErrorInvalidUser": FailureCode.GRAPH_MAILBOX_NOT_FOUND,
    "Request_ResourceNotFound": FailureCode.GRAPH_MAILBOX_NOT_FOUND,
    "MailboxNotEnabledForRESTAPI": FailureCode.GRAPH_MAILBOX_NOT_ENABLED,
    "ErrorAccessDenied": FailureCode.GRAPH_MAILBOX_NOT_PERMITTED,
    "ErrorSendAsDenied": FailureCode.SEND_AS_DENIED,
    "Authorization_RequestDenied": FailureCode.GRAPH_MAILBOX_NOT_PERMITTED,
    "ApplicationThrottled": FailureCode.GRAPH_THROTTLED,
}
_BY_STATUS = {
    401: FailureCode.GRAPH_TOKEN_REFUSED,
    403: FailureCode.GRAPH_MAILBOX_NOT_PERMITTED,
    404: FailureCode.GRAPH_MAILBOX_NOT_FOUND,
}
_AADSTS = re.compile(r"AADSTS(\d{4,9})")
_EXCERPT = 2048


def content_of(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of an answer. Raises MailFailure ``graph_answer_unexpected``."""
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise MailFailure(FailureCode.GRAPH_ANSWER_UNEXPECTED, answer.body[:_EXCERPT], _common(answer))
    return content


def sign_in_failure(answer: Answer) -> MailFailure:
    """Return what a refusal of Entra means."""
    if passing := _passing(answer):
        return passing
    try:
        content = content_of(answer)
    except MailFailure as failure:
        return failure
    text = str(content.get("error_description") or content.get("error") or "")
    match = _AADSTS.search(text)
    code = _SIGN_IN.get(int(match[1]), FailureCode.GRAPH_SIGN_IN_REFUSED) if match else None
    detail = _common(answer) | {"correlation_id": str(content.get("correlation_id", ""))}
    return MailFailure(code or FailureCode.GRAPH_SIGN_IN_REFUSED, text[:_EXCERPT], detail)


def graph_failure(answer: Answer) -> MailFailure:
    """Return what a refusal of Graph means. The code in the body counts more than the status."""
    try:
        error = content_of(answer).get("error")
    except MailFailure as failure:
        return _passing(answer) or failure
    error = error if isinstance(error, dict) else {}
    name, text = str(error.get("code", "")), str(error.get("message", ""))
    if not (name in _GRAPH and _GRAPH[name] is not FailureCode.GRAPH_THROTTLED) and (
        passing := _passing(answer)
    ):
        return passing
    code = _GRAPH.get(name) or _BY_STATUS.get(answer.status, FailureCode.GRAPH_QUERY_REFUSED)
    return MailFailure(code, f"{name}: {text}"[:_EXCERPT], _common(answer) | {"error": name})


def _passing(answer: Answer) -> MailFailure | None:
    if answer.status == 429:
        code = FailureCode.GRAPH_THROTTLED
    elif answer.status >= 500:
        code = FailureCode.GRAPH_UNAVAILABLE
    else:
        return None
    return MailFailure(code, answer.body[:_EXCERPT], _common(answer))


def _common(answer: Answer) -> dict[str, JsonValue]:
    detail: dict[str, JsonValue] = {"status": answer.status}
    if request_id := answer.headers.get("request-id") or answer.headers.get("x-ms-request-id"):
        detail["request_id"] = request_id
    return detail | asked_to_wait(answer)
