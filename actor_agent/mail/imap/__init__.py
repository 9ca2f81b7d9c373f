"""IMAP (RFC 3501, RFC 9051), as far as finding one message by its subject needs it."""
