"""How long and how much, against any server. Times in seconds, sizes in bytes."""

RESOLVE_SECONDS = 10.0
CONNECT_SECONDS = 10.0
REPLY_SECONDS = 15.0
LOGIN_SECONDS = 30.0
"""For each reply to what proves an account. Servers slow down whoever guesses, the right password included: Dovecot
by up to 15 s for an address from which wrong ones came, and by 2 s more for a wrong one."""
SLOW_REPLY_SECONDS = 60.0
"""For what makes a server read a whole mailbox: opening, searching, listing."""
SIGN_IN_SECONDS = 60.0
"""For a token, however often a library asks for it."""
SESSION_SECONDS = 120.0
CLOSE_SECONDS = 3.0
PATH_SECONDS = 15
"""How long nothing that is sent may be acknowledged, whatever is waited for."""

MAX_LINE = 64 * 1024
MAX_LITERAL = 256 * 1024
MAX_REPLY = 4 * 1024 * 1024
"""All of what answers one command."""
MAX_REPLY_LINES = 20_000
