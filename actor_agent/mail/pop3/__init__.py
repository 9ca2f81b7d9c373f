"""POP3 (RFC 1939), as far as finding one message by its subject needs it. No message is ever retrieved."""
