"""The verification code: how it is made, how a message carries it, how it is found again.

A message's subject is exactly ``(<code>)``. Gateways prefix, encode and fold subjects, so the code
is looked for anywhere in the decoded subject, but only between parentheses.
"""

import hmac
import re
import secrets

CODE_LENGTH = 26
LOCATOR_LENGTH = 8
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
CODE_PATTERN = r"^[A-Za-z0-9_-]{26}$"
LOCATOR_PATTERN = r"^[A-Za-z0-9_-]{8}$"
_IN_PARENTHESES = re.compile(r"\(([A-Za-z0-9_-]{26})\)")
_FOLD = re.compile(r"\r?\n[ \t]")


def new_code() -> str:
    """Make a code of 26 characters: 6 bits each, 156 bits in all."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


def locator_of(code: str) -> str:
    """Return the first 8 characters: enough to find the message, useless to claim it was read."""
    return code[:LOCATOR_LENGTH]


def subject_for(code: str) -> str:
    """Return the subject that carries ``code``, in both modes."""
    return f"({code})"


def codes_in_subject(subject: str) -> list[str]:
    """Return every code in parentheses in a decoded ``subject``, in order, without repeats.

    A fold that a gateway left inside of the subject (RFC 5322, section 2.2.3) is undone first.
    """
    return list(dict.fromkeys(_IN_PARENTHESES.findall(_FOLD.sub("", subject))))


def codes_with_locator(subject: str, locator: str) -> list[str]:
    """Return the codes of ``subject`` that begin with ``locator``."""
    return [code for code in codes_in_subject(subject) if code.startswith(locator)]


def same_code(expected: str, claimed: str) -> bool:
    """Compare in constant time, so that the time taken says nothing of the code."""
    return hmac.compare_digest(expected.encode(), claimed.encode())
