"""Making a server's reply fit to be shown: no secret, no control character, 512 bytes at most.

The Actor cleans what a server said; the Director cleans again what an Actor says.
"""

import base64
import unicodedata
from collections.abc import Iterable

MAX_REPLY_BYTES = 512
MAX_EXCERPT = MAX_REPLY_BYTES * 8
"""How much of a reply is looked at: enough to fill what is shown, however much of it is masked."""
MASK = "•••"
_ELLIPSIS = "…"


def clean_reply(reply: bytes | str, secrets: Iterable[str] = ()) -> str:
    """Return ``reply`` as one printable line of at most 512 bytes of UTF-8.

    Each of ``secrets`` is masked, in clear, as an IMAP quoted string and as base64 (servers echo what
    they did not understand). Control characters, ANSI escapes and direction overrides among them,
    become spaces.
    """
    excerpt = reply[:MAX_EXCERPT]
    text = excerpt.decode("utf-8", "replace") if isinstance(excerpt, bytes) else excerpt
    forms = _forms(secrets)
    for secret in forms:
        text = text.replace(secret, MASK)
    if forms and len(excerpt) == MAX_EXCERPT:
        # The end of the excerpt may be the beginning of a secret, which nothing recognises.
        text = text[: max(0, len(text) - len(forms[0]))]
    printable = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    return _truncated(" ".join(printable.split()))


def _forms(secrets: Iterable[str]) -> list[str]:
    clear = [secret for secret in secrets if secret]
    encoded = [base64.b64encode(secret.encode()).decode().rstrip("=") for secret in clear]
    quoted = [secret.replace("\\", "\\\\").replace('"', '\\"') for secret in clear]
    return sorted({*clear, *quoted, *encoded}, key=len, reverse=True)


def _truncated(text: str) -> str:
    data = text.encode()
    if len(data) <= MAX_REPLY_BYTES:
        return text
    return data[: MAX_REPLY_BYTES - len(_ELLIPSIS.encode())].decode(errors="ignore") + _ELLIPSIS
