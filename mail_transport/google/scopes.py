"""What an app may be allowed at Google ("OAuth 2.0 Scopes for Google APIs", developers.google.com)."""

FULL_SCOPE = "https://mail.google.com/"
"""The one scope for IMAP and POP3."""
GMAIL_SCOPE = "https://www.googleapis.com/auth/gmail."
"""The beginning of those for the Gmail API: ``metadata``, ``readonly``, ``send``."""

_IDENTITY = frozenset(
    {
        "openid",
        "email",
        "profile",
        "https://www.googleapis.com/auth/userinfo.email",
        "https://www.googleapis.com/auth/userinfo.profile",
    }
)
"""Who someone is, which a consent asks too, by its short and by its long names."""


def excess_of(granted: frozenset[str], needed: str) -> frozenset[str]:
    """Return what of ``granted`` goes beyond ``needed``, knowing who consented, and sending.

    A full permission for mail holds each lesser one.
    """
    excess = granted - _IDENTITY - {needed, f"{GMAIL_SCOPE}send"}
    if needed == FULL_SCOPE:
        return frozenset(scope for scope in excess if not scope.startswith(GMAIL_SCOPE))
    return excess
