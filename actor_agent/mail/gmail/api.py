"""The two requests of the Gmail API that a check makes: list the newest messages, get a message's headers.

https://developers.google.com/workspace/gmail/api/reference/rest/v1/users.messages. With the scope
gmail.metadata the parameter ``q`` is refused, and ``format`` may be ``metadata`` or ``minimal`` alone.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from mail_transport.failures import MailFailure
from mail_transport.google.failures import api_failure, json_object
from mail_transport.web import WebClient
from wire_contract.failure_codes import FailureCode

PAGE = 100
_HEADERS = ("Subject", "Message-ID", "Date", "Received")
_ID = re.compile(r"^[A-Za-z0-9_-]{1,128}$")
_MAX_LABELS = 64


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of message ids, the newest first; ``next_page`` null ends the list."""

    ids: tuple[str, ...]
    next_page: str | None


@dataclass(frozen=True, slots=True)
class Headers:
    """A message without its body. ``arrived`` is when Gmail took it, in seconds since the epoch."""

    id: str
    labels: frozenset[str]
    arrived: float
    subjects: tuple[str, ...]
    raw: bytes


class Mailbox:
    """The mailbox that a token opens. The token leaves this object in a request's header alone."""

    def __init__(self, http: WebClient, root: str, token: str) -> None:
        self._http = http
        self._messages = f"{root}/gmail/v1/users/me/messages"
        self._token = token

    async def list_newest(self, query: str | None, page: str | None = None, size: int = PAGE) -> Listing:
        """List ids, spam and trash included. Raises MailFailure ``gmail_*`` and those of a connection."""
        params = [("maxResults", str(size)), ("includeSpamTrash", "true")]
        params += [("q", query)] if query else []
        params += [("pageToken", page)] if page else []
        answer = await self._get(self._messages, params)
        entries = answer.get("messages") or []
        if not isinstance(entries, list):
            raise MailFailure(FailureCode.GMAIL_ANSWER_UNEXPECTED)
        found = (str(entry.get("id", "")) for entry in entries[:size] if isinstance(entry, dict))
        following = answer.get("nextPageToken")
        return Listing(
            tuple(each for each in found if _ID.match(each)),
            following if isinstance(following, str) and following else None,
        )

    async def headers(self, message_id: str) -> Headers | None:
        """Get a message's headers; None if it is gone since it was listed."""
        params = [("format", "metadata"), *(("metadataHeaders", name) for name in _HEADERS)]
        answer = await self._get(f"{self._messages}/{message_id}", params, may_be_gone=True)
        return _headers(message_id, answer) if answer else None

    async def _get(
        self, url: str, params: list[tuple[str, str]], *, may_be_gone: bool = False
    ) -> dict[str, object]:
        authorization = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        answer = await self._http.ask("GET", f"{url}?{urlencode(params)}", authorization)
        if may_be_gone and answer.status == 404 and json_object(answer) is not None:
            return {}
        value = json_object(answer)
        if answer.status != 200 or value is None:
            raise api_failure(answer)
        return value


def _headers(message_id: str, answer: dict[str, object]) -> Headers:
    payload, labels, date = answer.get("payload"), answer.get("labelIds"), answer.get("internalDate")
    listed = payload.get("headers") if isinstance(payload, dict) else None
    pairs = [
        (str(entry.get("name", "")), " ".join(str(entry.get("value", "")).split()))
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict)
    ]
    return Headers(
        id=message_id,
        labels=frozenset(str(label) for label in labels[:_MAX_LABELS])
        if isinstance(labels, list)
        else frozenset(),
        arrived=int(date) / 1000 if isinstance(date, str) and date.isascii() and date.isdigit() else 0.0,
        subjects=tuple(value for name, value in pairs if name.lower() == "subject"),
        raw="".join(f"{name}: {value}\r\n" for name, value in pairs).encode(),
    )
