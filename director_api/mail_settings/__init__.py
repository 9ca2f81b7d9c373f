"""The Director's own mail server, and the time-outs of email actions."""
