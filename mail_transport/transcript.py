"""What was said on a connection, for the mail server's administrator: never a secret, never others' mail.

Of a command only what is known to hold no secret is kept, of everything else its first word at most;
of blocks (literals, headers, messages) the size alone.
"""

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

from wire_contract.cleaning import MAX_EXCERPT

_HEAD, _TAIL = 60, 100
SHOWN_CHARACTERS = 200
"""Of each line, once the secrets in it are masked: nothing recognises the half of one."""
_HARMLESS = {
    *(b"CAPABILITY", b"STARTTLS", b"SELECT", b"EXAMINE", b"NOOP", b"IDLE", b"DONE", b"LIST", b"XLIST", b"ID"),
    *(
        b"UID",
        b"FETCH",
        b"CLOSE",
        b"LOGOUT",
        b"CAPA",
        b"STLS",
        b"STAT",
        b"TOP",
        b"UIDL",
        b"DELE",
        b"RSET",
        b"QUIT",
    ),
    *(b"EHLO", b"HELO", b"MAIL", b"RCPT", b"DATA"),
}
_NAMED_ALONE = {b"LOGIN", b"AUTHENTICATE", b"AUTH", b"USER", b"PASS", b"APOP"}
"""Of these the mechanism is worth showing, and nothing more."""
_MECHANISM = re.compile(rb"(AUTHENTICATE|AUTH) ([A-Z0-9-]{1,20})", re.IGNORECASE)
_TAG = re.compile(rb"^A\d+ ")
_OTHERS_MAIL = re.compile(rb"BODY\[.*", re.IGNORECASE | re.DOTALL)


class Transcript:
    """The first and the last lines of one connection; what is between them is counted."""

    def __init__(self) -> None:
        self._head: list[bytes] = []
        self._tail: deque[bytes] = deque(maxlen=_TAIL)
        self._lines = 0

    def sent(self, data: bytes) -> None:
        """Note what the client sends."""
        self._add(b"C: " + _without_secrets(data.rstrip(b"\r\n")))

    def received(self, line: bytes) -> None:
        """Note a line of the server's. A challenge is not shown: it may quote a token."""
        # Cut first: a server may send any number of lines of 64 KiB.
        start = line[:MAX_EXCERPT]
        shown = b"+ (a challenge)" if line.startswith(b"+ ") else _OTHERS_MAIL.sub(b"BODY[...", start)
        self._add(b"S: " + shown)

    def received_block(self, size: int) -> None:
        """Note that a block of ``size`` bytes came."""
        self._add(b"S: (%d bytes)" % size)

    def secured(self) -> None:
        """Note that everything from here on is encrypted."""
        self._add(b"-- TLS from here on --")

    def asked(self, method: str, url: str) -> None:
        """Note a request to a web service, without its query: that says what is looked for."""
        parts = urlsplit(url)
        self._add(f"C: {method} {parts.netloc}{parts.path}".encode())

    def answered(self, status: int, size: int, request_id: str | None) -> None:
        """Note a web service's answer: its content is a token, or someone's mail."""
        named = f", request id {request_id}" if request_id else ""
        self._add(f"S: {status} ({size} bytes{named})".encode())

    def lines(self) -> Iterator[bytes]:
        """Yield the lines, neither cleaned yet nor cut to what is shown of them."""
        yield from self._head
        left_out = self._lines - len(self._head) - len(self._tail)
        if left_out > 0:
            yield b"-- %d lines left out --" % left_out
        yield from self._tail

    def _add(self, line: bytes) -> None:
        self._lines += 1
        (self._head if len(self._head) < _HEAD else self._tail).append(line[:MAX_EXCERPT])


def _without_secrets(command: bytes) -> bytes:
    tag = _TAG.match(command)
    prefix = tag[0] if tag else b""
    rest = command[len(prefix) :]
    verb = rest.partition(b" ")[0].upper()
    if verb in _HARMLESS:
        return prefix + rest
    if mechanism := _MECHANISM.match(rest):
        return prefix + mechanism[0] + b" (not shown)"
    return prefix + (verb + b" (not shown)" if verb in _NAMED_ALONE else b"(not shown)")
