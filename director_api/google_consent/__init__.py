"""The consent of a Google mailbox's owner (OAuth 2.0 authorization code, RFC 6749 section 4.1, with PKCE, RFC 7636)."""
