"""One mailbox behind Graph: what is asked of it, and nothing that Mail.ReadBasic.All does not allow.

Sources: "List messages", "Use the $filter query parameter", "Outlook service limits" (four requests at
once for an app and a mailbox), all learn.microsoft.com/graph.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode
from weakref import WeakValueDictionary

from mail_transport.failures import MailFailure
from mail_transport.microsoft.answers import content_of, graph_failure
from mail_transport.microsoft.tokens import Token
from mail_transport.web import Answer, WebClient
from wire_contract.failure_codes import FailureCode

PAGE = 50
AT_ONCE = 4
_MOST_TEXT = 8192
_FIELDS = "id,subject,receivedDateTime,internetMessageId,parentFolderId"
JUNK = "junkemail"

_turns: WeakValueDictionary[tuple[str, str], asyncio.Semaphore] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a list shows it: never its body."""

    id: str
    subject: str
    received: str
    message_id: str
    folder_id: str


class GraphMailbox:
    """Asks for one mailbox with one token."""

    def __init__(self, client: WebClient, root: str, mailbox: str, token: Token) -> None:
        self._client = client
        self._root = root
        self._base = f"{root}/v1.0/users/{quote(mailbox, safe='@')}"
        self._token = token
        self._turn = _turns.setdefault((root, mailbox.lower()), asyncio.Semaphore(AT_ONCE))

    async def open(self) -> None:
        """See whether messages can be listed. Raises MailFailure."""
        await self._get(f"{self._base}/messages?" + urlencode({"$top": "1", "$select": "id"}))

    async def pages(self, folder: str | None, since: datetime | None) -> AsyncIterator[list[Message]]:
        """Yield pages of messages, the newest first; ``folder`` null means all but junk and deleted ones."""
        query = {"$orderby": "receivedDateTime desc", "$top": str(PAGE), "$select": _FIELDS}
        if since is not None:
            moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            query["$filter"] = f"receivedDateTime ge {moment}"
        path = f"/mailFolders/{folder}/messages" if folder else "/messages"
        url: str | None = f"{self._base}{path}?{urlencode(query)}"
        while url is not None:
            content = await self._get(url)
            yield _messages(content)
            url = self._next(content)

    async def folder_name(self, folder_id: str) -> str:
        """Return what people call a folder. Raises MailFailure."""
        url = f"{self._base}/mailFolders/{quote(folder_id, safe='')}?{urlencode({'$select': 'displayName'})}"
        return _text(await self._get(url), "displayName")

    async def delete(self, message: Message) -> None:
        """Move a message to the deleted items. Raises MailFailure."""
        answer = await self._ask("DELETE", f"{self._base}/messages/{quote(message.id, safe='')}")
        if answer.status != 204:
            raise self._failure(answer)

    async def _get(self, url: str) -> dict[str, Any]:
        answer = await self._ask("GET", url)
        if answer.status != 200:
            raise self._failure(answer)
        return content_of(answer)

    async def _ask(self, method: str, url: str) -> Answer:
        headers = {
            "Authorization": f"Bearer {self._token.secret.get_secret_value()}",
            "Accept": "application/json",
            "Prefer": 'IdType="ImmutableId"',  # a message keeps its id when a rule moves it
        }
        async with self._turn:
            return await self._client.ask(method, url, headers)

    def _failure(self, answer: Answer) -> MailFailure:
        failure = graph_failure(answer)
        reading = any(role.startswith("Mail.Read") for role in self._token.roles)
        if failure.code is FailureCode.GRAPH_MAILBOX_NOT_PERMITTED and not reading:
            failure.code = FailureCode.GRAPH_PERMISSION_MISSING
        return failure

    def _next(self, content: dict[str, Any]) -> str | None:
        """Return the next page's address; elsewhere than Graph it would be given the token."""
        url = content.get("@odata.nextLink")
        if url is None:
            return None
        if not isinstance(url, str) or not url.startswith(f"{self._root}/"):
            raise MailFailure(FailureCode.GRAPH_ANSWER_UNEXPECTED, detail={"next_page": str(url)[:200]})
        return url


def _messages(content: dict[str, Any]) -> list[Message]:
    items = content.get("value")
    if not isinstance(items, list):
        raise MailFailure(FailureCode.GRAPH_ANSWER_UNEXPECTED)
    return [_message(item) for item in items[: PAGE * 20] if isinstance(item, dict)]


def _message(item: dict[str, Any]) -> Message:
    names = ("id", "subject", "receivedDateTime", "internetMessageId", "parentFolderId")
    return Message(*(_text(item, name) for name in names))


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value[:_MOST_TEXT] if isinstance(value, str) else ""
