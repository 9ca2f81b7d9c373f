"""Header fields as a server returns them: split, decoded (RFC 2047), searched for codes."""

import re
from collections.abc import Collection, Iterable
from email.errors import HeaderParseError
from email.header import decode_header

from wire_contract.verification_code import codes_in_subject, codes_with_locator

MAX_SUBJECT = 8192
"""Bytes of a subject that are looked at; a longer one is cut, never refused."""
_FIELD = re.compile(r"^([!-9;-~]+)[ \t]*:", re.ASCII)
# Never by str.splitlines: it takes characters for line ends that a subject may hold, as U+2028.
_LINE_END = re.compile(r"\r?\n")
_FOLD = re.compile(r"\r?\n(?=[ \t])")


def header_fields(raw: bytes) -> list[tuple[str, str]]:
    """Return (lower-case name, value with its folds) of each field, in order."""
    fields: list[tuple[str, str]] = []
    for line in _LINE_END.split(raw.decode("utf-8", "replace")):
        if line[:1] in {" ", "\t"} and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value}\r\n{line}")
        elif match := _FIELD.match(line):
            fields.append((match[1].lower(), line[match.end() :].strip()))
    return fields


def codes_among(subjects: Collection[str], locators: Iterable[str]) -> list[str]:
    """Return the codes in ``subjects`` that begin with one of ``locators``, as these are ordered."""
    found = (code for locator in locators for text in subjects for code in codes_with_locator(text, locator))
    return list(dict.fromkeys(found))


def subjects_of(raw: bytes) -> Collection[str]:
    """Return the subject in ``raw`` as it came and, where that is something else, decoded.

    As it came too: a decoder may take away what stands between parts that are not encoded.
    """
    subjects = [value for name, value in header_fields(raw[:MAX_SUBJECT]) if name == "subject"]
    return dict.fromkeys(form for subject in subjects for form in (subject, decoded(subject)))


def is_altered(raw: bytes) -> bool:
    """Tell whether something stands beside the code: a gateway's prefix, a forwarder's mark."""
    subjects = subjects_of(raw)
    return bool(subjects) and not any(codes_in_subject(text) == [text.strip()[1:-1]] for text in subjects)


def decoded(subject: str) -> str:
    """Decode the encoded words of ``subject`` in whatever charset; what can't be decoded stays."""
    unfolded = _FOLD.sub("", subject)
    if "=?" not in unfolded:
        return unfolded
    try:
        parts = decode_header(unfolded)
    except (HeaderParseError, ValueError):
        return unfolded
    return "".join(part if isinstance(part, str) else _text(part, charset) for part, charset in parts)


def _text(part: bytes, charset: str | None) -> str:
    try:
        return part.decode(charset or "latin-1", "replace")
    except (LookupError, ValueError):  # codes are ASCII, and so are they in most of what has no known name
        return part.decode("latin-1")
