"""Writing strings and folder names (RFC 3501, sections 4.3 and 5.1.3)."""

import base64
import re

_SAFE = re.compile(rb"[\x20-\x7e]*")
_RUN = re.compile(r"[^\x20-\x7e]+|&")
_ENCODED = re.compile(r"&([^-]*)-")
MAX_QUOTED = 1000


def quoted(text: bytes) -> bytes | None:
    """Return ``text`` as a quoted string, or None if it has to go as a literal."""
    if len(text) > MAX_QUOTED or not _SAFE.fullmatch(text):
        return None
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def with_strings(verb: bytes, *strings: str) -> tuple[bytes, ...]:
    """Return a command as :meth:`Session.command` takes it: strings quoted where they can be."""
    words, literals = [verb], []
    for string in strings:
        data = string.encode()
        text = quoted(data)
        words.append(text if text is not None else b"{}")
        if text is None:
            literals.append(data)
    if literals:
        return _all_literal(verb, strings)
    return (b" ".join(words),)


def _all_literal(verb: bytes, strings: tuple[str, ...]) -> tuple[bytes, ...]:
    # A quoted string may hold {} itself, so that the two kinds don't mix in one command.
    return (b" ".join([verb, *[b"{}"] * len(strings)]), *(string.encode() for string in strings))


def folder_to_wire(name: str) -> str:
    """Write ``name`` in modified UTF-7."""
    return _RUN.sub(lambda run: "&-" if run[0] == "&" else f"&{_to_base64(run[0])}-", name)


def folder_from_wire(name: str) -> str:
    """Read modified UTF-7; a name that is no such thing stays as it is."""
    try:
        return _ENCODED.sub(lambda run: _from_base64(run[1]) if run[1] else "&", name)
    except ValueError:
        return name


def _to_base64(text: str) -> str:
    encoded = base64.b64encode(text.encode("utf-16-be")).decode("ascii")
    return encoded.rstrip("=").replace("/", ",")


def _from_base64(text: str) -> str:
    padded = text.replace(",", "/") + "=" * (-len(text) % 4)
    return base64.b64decode(padded, validate=True).decode("utf-16-be")
