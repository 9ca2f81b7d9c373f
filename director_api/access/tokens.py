"""What a minted token looks like: a prefix that tells its kind, then 43 characters at random."""

import secrets
from enum import StrEnum


class TokenKind(StrEnum):
    """The kinds of token, by prefix, so that one found in a log can be told apart."""

    API = "dtk"
    ENROLLMENT = "det"
    ACTOR = "dac"


def new_token(kind: TokenKind) -> str:
    """Make a token of 256 bits."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def is_kind(token: str, kind: TokenKind) -> bool:
    """Tell whether ``token`` says that it is of ``kind``."""
    return token.startswith(f"{kind}_")
