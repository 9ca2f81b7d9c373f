"""The HTTP client that Microsoft's library is given: it asks through the caller's own, from its thread."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urlencode

from mail_transport.microsoft.answers import content_of, sign_in_failure
from mail_transport.web import Line

line: ContextVar[Line] = ContextVar("line")
"""Whose client is used for what the library asks in this thread: its objects outlive each of them."""


@dataclass(frozen=True, slots=True)
class Response:
    """What the library reads of an answer; only good ones ever reach it."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Part of the library's interface; a refusal was raised before."""


class Bridge:
    """Part of the library's interface: ``get`` and ``post``. Raises MailFailure for every refusal."""

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> Response:
        """Fetch a discovery document."""
        return self._ask("GET", f"{url}?{urlencode(params)}" if params else url, headers, None)

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> Response:
        """Ask for a token."""
        body = data if isinstance(data, str) else urlencode(data or {})
        fields = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self._ask("POST", f"{url}?{urlencode(params)}" if params else url, fields, body.encode())

    def close(self) -> None:
        """Part of the library's interface; the client belongs to the look."""

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None, content: bytes | None
    ) -> Response:
        answer = line.get().ask(method, url, headers or {}, content)
        if answer.status != 200:
            raise sign_in_failure(answer)
        content_of(answer)
        return Response(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)
