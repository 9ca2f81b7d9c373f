"""What an app may be allowed at Google ("OAuth 2.0 Scopes for Google APIs", developers.google.com)."""

FULL_SCOPE = "https://mail.google.com/"
"""The one scope for IMAP and POP3."""
GMAIL_SCOPE = "https://www.googleapis.com/auth/gmail."
"""The beginning of those for the Gmail API: ``metadata``, ``readonly``, ``send``."""
