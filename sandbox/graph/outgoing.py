"""What may be sent, and what Graph refuses to send.

Sources: "user: sendMail", "message resource type" (a header of one's own begins with ``x-``), both
learn.microsoft.com/graph.
"""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.graph.query import Refused

_TOP = {"message", "saveToSentItems"}
_MESSAGE = {"subject", "body", "toRecipients", "internetMessageHeaders"}
_MOST_HEADERS = 5


@dataclass(frozen=True)
class Outgoing:
    """A message, and whether a copy is kept among the sent items."""

    subject: str
    to: list[str]
    is_kept: bool


def read_outgoing(body: bytes, content_type: str) -> Outgoing:
    """Read a message in JSON. Raises Refused for what Graph would refuse."""
    if content_type.partition(";")[0].strip() != "application/json":
        raise Refused(400, "RequestBodyRead", "The content type of the request is not supported.")
    try:
        asked = json.loads(body)
        message = asked["message"]
        to = [str(entry["emailAddress"]["address"]).lower() for entry in message["toRecipients"]]
        subject = str(message["subject"])
    except (ValueError, KeyError, TypeError):
        raise Refused(400, "BadRequest", "Unable to read JSON request payload.") from None
    _only_known(asked, _TOP)
    _only_known(message, _MESSAGE)
    _check_headers(message.get("internetMessageHeaders", []))
    if not to:
        raise Refused(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
    return Outgoing(subject, to, asked.get("saveToSentItems", True) is not False)


def _only_known(given: dict[str, Any], known: set[str]) -> None:
    for name in given:
        if name not in known:
            text = f"The property '{name}' does not exist on type 'Microsoft.OutlookServices.Message'."
            raise Refused(400, "RequestBodyRead", text)


def _check_headers(headers: list[dict[str, str]]) -> None:
    if len(headers) > _MOST_HEADERS:
        raise Refused(400, "ErrorInvalidInternetHeader", "There are too many internet message headers.")
    for header in headers:
        if not header["name"].lower().startswith("x-"):
            text = f"The internet message header name '{header['name']}' should start with 'x-' or 'X-'."
            raise Refused(400, "InvalidInternetMessageHeader", text)
