"""Speaking IMAP (RFC 3501) within bounds: opening, logging in, commands and their replies."""
