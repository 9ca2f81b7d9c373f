"""What a list of messages may be asked, and what Graph refuses.

Sources: "Use query parameters to customize responses", "List messages" (Using filter and orderby in
the same query).
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

FIELDS = ("id", "subject", "receivedDateTime", "internetMessageId", "parentFolderId", "body", "bodyPreview")
BODY = {"body", "bodyPreview", "uniqueBody"}
_KNOWN = {"$select", "$filter", "$orderby", "$top", "$skip", "$skiptoken", "$search", "$count", "$expand"}
_FILTER = re.compile(r"^receivedDateTime (ge|gt|le|lt) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$")


class Refused(Exception):  # noqa: N818  # because it is an answer
    """Status, code and message of Graph's refusal."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Query:
    """A list that is allowed."""

    fields: list[str]
    top: int
    offset: int
    since: datetime | None


def parse(query: Mapping[str, str], roles: frozenset[str]) -> Query:
    """Read the query. Raises Refused for what Graph would refuse."""
    for name in query:
        if name.startswith("$") and name not in _KNOWN:
            raise Refused(400, "BadRequest", f"The query parameter '{name}' is not supported.")
    if "$search" in query and not roles & {"Mail.Read", "Mail.ReadWrite"}:
        raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    fields = query.get("$select", ",".join(FIELDS[:5])).split(",")
    for field in fields:
        _known(field)
    if BODY & set(fields) and not roles & {"Mail.Read", "Mail.ReadWrite"}:
        raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    return Query(fields, _top(query), _offset(query), _since(query))


def _known(field: str) -> None:
    if field not in FIELDS:
        message = f"Could not find a property named '{field}' on type 'Microsoft.OutlookServices.Message'."
        raise Refused(400, "RequestBroker--ParseUri", message)


def _top(query: Mapping[str, str]) -> int:
    text = query.get("$top", "10")
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise Refused(400, "ErrorInvalidParameter", f"Invalid value for $top: {text}")
    return int(text)


def _offset(query: Mapping[str, str]) -> int:
    text = query.get("$skiptoken")
    try:
        return int(base64.urlsafe_b64decode(text)) if text else 0
    except ValueError:
        raise Refused(400, "ErrorInvalidUrlQuery", "The skip token is invalid.") from None


def skip_token(offset: int) -> str:
    """Return what leads to the page that begins at ``offset``."""
    return base64.urlsafe_b64encode(str(offset).encode()).decode()


def _since(query: Mapping[str, str]) -> datetime | None:
    order, text = query.get("$orderby"), query.get("$filter")
    if order is not None:
        _known(order.split(" ")[0])
    if text is None:
        return None
    if order is not None and not text.startswith(order.split(" ")[0]):
        raise Refused(
            400, "InefficientFilter", "The restriction or sort order is too complex for this operation."
        )
    match = _FILTER.match(text)
    if match is None:
        raise Refused(400, "BadRequest", f"Invalid filter clause: {text}")
    return datetime.strptime(match[2], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
