"""Making a server's reply fit to be shown: no secret, no control character, 512 bytes at most.

The Actor cleans what a server said; the Director cleans again what an Actor says.
"""

import base64
import unicodedata
from collections.abc import Iterable

MAX_REPLY_BYTES = 512
MASK = "•••"
_ELLIPSIS = "…"


def clean_reply(reply: bytes | str, secrets: Iterable[str] = ()) -> str:
    """Return ``reply`` as one printable line of at most 512 bytes of UTF-8.

    Each of ``secrets`` is masked, in clear and as base64 (servers echo what they did not understand).
    Control characters, ANSI escapes and direction overrides among them, become spaces.
    """
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    text = text[: MAX_REPLY_BYTES * 8]
    for secret in _forms(secrets):
        text = text.replace(secret, MASK)
    printable = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    return _truncated(" ".join(printable.split()))


def _forms(secrets: Iterable[str]) -> list[str]:
    clear = [secret for secret in secrets if secret]
    encoded = [base64.b64encode(secret.encode()).decode().rstrip("=") for secret in clear]
    return sorted({*clear, *encoded}, key=len, reverse=True)


def _truncated(text: str) -> str:
    data = text.encode()
    if len(data) <= MAX_REPLY_BYTES:
        return text
    return data[: MAX_REPLY_BYTES - len(_ELLIPSIS.encode())].decode(errors="ignore") + _ELLIPSIS
