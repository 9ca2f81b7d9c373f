"""What a list of messages may be asked, and what Graph refuses.

What Graph would answer and this does not know is refused too (501): nothing is passed over in silence.
Sources: "Use query parameters to customize responses", "List messages" (Using filter and orderby in
the same query), "Use the $search query parameter", "Obtain immutable identifiers for Outlook resources".
"""

import base64
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

FIELDS = ("id", "subject", "receivedDateTime", "internetMessageId", "parentFolderId", "body", "bodyPreview")
BODY = {"body", "bodyPreview", "uniqueBody"}
_KNOWN = {"$select", "$filter", "$orderby", "$top", "$skip", "$skiptoken", "$search", "$count", "$expand"}
_NOT_HERE = {"$skip", "$search", "$count", "$expand"}
_COMPARISONS: dict[str, Callable[[datetime, datetime], bool]] = {
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
}
_FILTER = re.compile(r"receivedDateTime (ge|gt|le|lt) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
_ORDER = re.compile(r"([A-Za-z]+)(?: (asc|desc))?")
_PREFER = re.compile(
    r'(IdType="ImmutableId"|odata\.maxpagesize=\d+|outlook\.timezone="[^"]+"'
    r'|outlook\.body-content-type="(text|html)"|outlook\.allow-unsafe-html)'
)


class Refused(Exception):  # noqa: N818  # because it is an answer
    """Status, code and message of Graph's refusal."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Query:
    """A list that is allowed. ``admits`` judges when a message was received."""

    fields: list[str]
    top: int
    offset: int
    admits: Callable[[datetime], bool]
    newest_first: bool


def parse(query: Mapping[str, str], roles: frozenset[str]) -> Query:
    """Read the query. Raises Refused for what Graph would refuse."""
    for name in query:
        if name.startswith("$") and name not in _KNOWN:
            raise Refused(400, "BadRequest", f"The query parameter '{name}' is not supported.")
    whole = bool(roles & {"Mail.Read", "Mail.ReadWrite"})
    fields = query.get("$select", ",".join(FIELDS[:5])).split(",")
    for field in fields:
        _known(field)
    if ("$search" in query or BODY & set(fields)) and not whole:
        raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    if "$search" in query and {"$filter", "$orderby"} & set(query):
        raise Refused(
            400, "SearchWithOrderBy", "The query parameter '$search' is not supported with '$orderby'."
        )
    for name in _NOT_HERE & set(query):
        raise Refused(501, "NotImplemented", f"The stand-in does not have '{name}'.")
    order = _order(query)
    return Query(
        fields, _top(query), _offset(query), _admits(query, order), order != ("receivedDateTime", "asc")
    )


def prefers_immutable_ids(prefer: str | None) -> bool:
    """Read the header ``Prefer``. Raises Refused for a preference that is not documented, or not so."""
    wishes = [wish.strip() for wish in (prefer or "").split(",") if wish.strip()]
    for wish in wishes:
        if not _PREFER.fullmatch(wish):
            raise Refused(400, "ErrorInvalidParameter", f"The preference '{wish}' is not valid.")
    return 'IdType="ImmutableId"' in wishes


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


def _order(query: Mapping[str, str]) -> tuple[str, str] | None:
    """Return by what and in which direction; None for Graph's own order, the newest first."""
    text = query.get("$orderby")
    if text is None:
        return None
    match = _ORDER.fullmatch(text)
    if match is None:
        raise Refused(400, "BadRequest", f"Syntax error in '$orderby': {text}")
    _known(match[1])
    if match[1] != "receivedDateTime":
        raise Refused(501, "NotImplemented", f"The stand-in does not order by '{match[1]}'.")
    return match[1], match[2] or "asc"


def _admits(query: Mapping[str, str], order: tuple[str, str] | None) -> Callable[[datetime], bool]:
    text = query.get("$filter")
    if text is None:
        return lambda _: True
    if order is not None and not text.startswith(order[0]):
        raise Refused(
            400, "InefficientFilter", "The restriction or sort order is too complex for this operation."
        )
    match = _FILTER.fullmatch(text)
    if match is None:
        raise Refused(400, "BadRequest", f"Invalid filter clause: {text}")
    compare = _COMPARISONS[match[1]]
    moment = datetime.strptime(match[2], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return lambda received: compare(received, moment)
