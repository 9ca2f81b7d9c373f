"""Answers of a cloud to a library that would read whatever comes: of a bounded size, in a bounded time."""

import io
import time
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter

MAX_BODY = 1024 * 1024
BODY_SECONDS = 30.0
_PART = 64 * 1024


class BoundedAnswers(HTTPAdapter):
    """Reads each body before the library does."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # because the options are handed on as they are
        """Return the answer.

        Raises:
            requests.RequestException: no answer came, or one of more than 1 MiB or in more than 30 s.
        """
        response = super().send(request, **{**options, "stream": True})
        raw: urllib3.BaseHTTPResponse = response.raw
        try:
            response.raw = io.BytesIO(_body(raw))
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(str(error)) from error
        finally:
            raw.close()
        return response


def _body(raw: urllib3.BaseHTTPResponse) -> bytes:
    body, deadline = bytearray(), time.monotonic() + BODY_SECONDS
    while part := raw.read1(_PART, decode_content=True):
        body += part
        if len(body) > MAX_BODY:
            raise requests.ConnectionError(f"the answer is longer than {MAX_BODY} bytes")
        if time.monotonic() > deadline:
            raise requests.ReadTimeout(f"the answer took longer than {BODY_SECONDS:.0f} s")
    return bytes(body)
